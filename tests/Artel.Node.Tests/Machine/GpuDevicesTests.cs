using System.Diagnostics;
using System.Runtime.Versioning;

namespace Artel.Node.Tests.Machine;

[SupportedOSPlatform("linux")]
public sealed class GpuDevicesTests : IDisposable
{
    private readonly MachineTree _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Device_files_of_nvidia_are_counted_and_its_other_files_are_not()
    {
        _machine.Has("dev/nvidia0").Has("dev/nvidia1").Has("dev/nvidia10").Has("dev/nvidiactl").Has("dev/nvidia-uvm").Has("dev/nvidia").Has("dev/nvidia2x");

        Assert.Equal(["0", "1", "2"], _machine.Detect().Gpus);
        Assert.Equal(3000, _machine.Detect().Amounts.MilliGpus);
    }

    [Fact]
    public void Those_that_the_driver_can_not_use_are_left_out()
    {
        _machine.Has("dev/nvidia0").Has("dev/nvidia1");
        Tool("""
            echo "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-8932f937-d72c-4106-c12f-20bd9faed9f6)"
            echo "  MIG 1g.5gb Device 0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)"
            """);

        Assert.Equal(["0"], _machine.Detect().Gpus);
    }

    [Theory]
    [InlineData("exit 9")]
    [InlineData("echo 'No devices were found'")]
    [InlineData("echo 'GPU 0: x'; exit 1")]
    public void A_tool_that_fails_is_not_believed(string script)
    {
        _machine.Has("dev/nvidia0").Has("dev/nvidia1");
        Tool(script);

        Assert.Equal(2, _machine.Detect().Gpus.Count);
    }

    [Fact]
    public void A_tool_that_hangs_is_not_waited_for_for_ever()
    {
        _machine.Has("dev/nvidia0");
        Tool("exec sleep 600");
        var watch = Stopwatch.StartNew();

        Assert.Single(_machine.Detect().Gpus);

        Assert.InRange(watch.Elapsed.TotalSeconds, 2, 60);
    }

    [Fact]
    public void The_tool_is_not_asked_where_there_is_no_device()
    {
        Tool($"touch {_machine.Path}/asked; echo 'GPU 0: x'");

        Assert.Empty(_machine.Detect().Gpus);
        Assert.False(File.Exists(_machine.Path + "/asked"));
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("2", new[] { "2" })]
    [InlineData("3, 1", new[] { "3", "1" })]
    [InlineData("1,1", new[] { "1" })]
    [InlineData("0,-1,2", new[] { "0" })]
    [InlineData("-1", new string[0])]
    [InlineData("1,4,2", new[] { "1" })]
    [InlineData("NoDevFiles", new string[0])]
    [InlineData("GPU-8932f937,MIG-1a,MIG-1b", new[] { "GPU-8932f937", "MIG-1a", "MIG-1b" })]
    public void What_the_agent_may_not_see_its_tasks_are_not_given(string visible, string[] expected)
    {
        for (var i = 0; i < 4; i++)
            _machine.Has($"dev/nvidia{i}");

        Assert.Equal(expected, _machine.Says("CUDA_VISIBLE_DEVICES", visible).Detect().Gpus);
    }

    [Fact]
    public void Gpus_of_amd_are_those_of_the_compute_driver_with_device_files()
    {
        Amd(0, simds: 0, minor: 0);
        Amd(1, simds: 304, minor: 128);
        Amd(2, simds: 304, minor: 129);
        Amd(3, simds: 304, minor: 130);
        _machine.Has("dev/kfd").Has("dev/dri/renderD128").Has("dev/dri/renderD130");

        Assert.Equal(["0", "1"], _machine.Detect().Gpus);
        Assert.Equal(["1"], _machine.Says("ROCR_VISIBLE_DEVICES", "1").Says("CUDA_VISIBLE_DEVICES", "").Detect().Gpus);
    }

    [Fact]
    public void A_container_that_was_given_none_has_none()
    {
        Amd(1, simds: 304, minor: 128);

        Assert.Empty(_machine.Detect().Gpus);
    }

    private void Amd(int node, int simds, int minor) =>
        _machine.Has($"sys/class/kfd/kfd/topology/nodes/{node}/properties", $"cpu_cores_count 0\nsimd_count {simds}\ndrm_render_minor {minor}\n");

    private void Tool(string script) =>
        _machine.Has("bin/nvidia-smi", $"#!/bin/sh\n[ \"$1\" = -L ] || exit 2\n{script}\n", executable: true).Says("PATH", $"/nowhere:{_machine.Path}/bin");
}
