using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>On which cpus a thread may run (sched_setaffinity(2)). What it starts may run on the same.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class CpuAffinity
{
    // More cpus than any kernel is built for.
    private const int MaxCpus = 8192;
    private const int BitsPerWord = 64;
    private const int Words = MaxCpus / BitsPerWord;
    private const int CallingThread = 0;

    /// <summary>Numbers of the cpus, rising.</summary>
    public static IReadOnlyList<int> OfThisThread()
    {
        var mask = stackalloc ulong[Words];
        if (Libc.sched_getaffinity(CallingThread, Words * sizeof(ulong), mask) != 0)
            return [.. Enumerable.Range(0, Environment.ProcessorCount)];

        var cpus = new List<int>();
        for (var cpu = 0; cpu < MaxCpus; cpu++)
        {
            if ((mask[cpu / BitsPerWord] >> (cpu % BitsPerWord) & 1) != 0)
                cpus.Add(cpu);
        }

        return cpus;
    }

    /// <summary>0, or the error number: none of them is there for this process.</summary>
    public static int Set(IReadOnlyList<int> cpus)
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        foreach (var cpu in cpus)
            mask[cpu / BitsPerWord] |= 1UL << (cpu % BitsPerWord);

        return Libc.sched_setaffinity(CallingThread, Words * sizeof(ulong), mask) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }
}
