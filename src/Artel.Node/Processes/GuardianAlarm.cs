using System.Buffers.Binary;
using System.Runtime.Versioning;
using Artel.Node.Work;

namespace Artel.Node.Processes;

/// <summary>
/// The agent's word to its guardian: by when it will be heard again, or else is stopped or hangs, and is to be killed with all it
/// runs. A pipe: eight bytes a word, a moment by CLOCK_BOOTTIME in ticks of 100 ns, 0 for none.
/// </summary>
public sealed unsafe class GuardianAlarm
{
    private const int WordBytes = sizeof(long);

    private readonly int _pipe;

    private GuardianAlarm(int pipe) => _pipe = pipe;

    /// <summary>Of an agent whose guardian does not listen, or that has none.</summary>
    public static GuardianAlarm None { get; } = new(-1);

    /// <summary>The agent's end.</summary>
    /// <param name="pipe">The descriptor that the guardian left open for it. From here on no process of a task gets it.</param>
    [SupportedOSPlatform("linux")]
    internal static GuardianAlarm Of(int pipe) => Libc.SetCloseOnExec(pipe, true) ? new GuardianAlarm(pipe) : None;

    /// <summary>Replaces what was said before.</summary>
    /// <param name="deadline">Null: take as long as you like.</param>
    internal void Set(TimeSpan? deadline)
    {
        if (_pipe < 0 || !OperatingSystem.IsLinux())
            return;

        var word = stackalloc byte[WordBytes];
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(word, WordBytes), deadline?.Ticks ?? 0);

        // A pipe takes words of this size whole or not at all. One that is full or broken has a guardian that does not read: it is gone.
        _ = Libc.write(_pipe, word, WordBytes);
    }

    /// <summary>The guardian's end: waits until the agent has ended. False: it was not heard in time.</summary>
    [SupportedOSPlatform("linux")]
    internal static bool AwaitEnd(int agent, int pipe)
    {
        long deadline = 0;
        var word = stackalloc byte[WordBytes];
        var awaited = stackalloc Libc.PollDescriptor[2];
        awaited[0] = new Libc.PollDescriptor { Descriptor = agent, Events = Libc.PollIn };
        awaited[1] = new Libc.PollDescriptor { Descriptor = pipe, Events = Libc.PollIn };
        while (true)
        {
            var left = deadline == 0 ? -1 : Math.Clamp((deadline - BootTime.Now.Ticks) / TimeSpan.TicksPerMillisecond, 0, int.MaxValue);
            var woken = Libc.poll(awaited, 2, (int)left);
            if (woken > 0 && awaited[0].Returned != 0)
                return true;

            if (woken > 0 && awaited[1].Returned != 0)
            {
                // A pipe that is at its end says nothing any more: then the agent is about to.
                if (Libc.read(pipe, word, WordBytes) == WordBytes)
                    deadline = BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(word, WordBytes));
                else
                    awaited[1].Descriptor = -1;
            }
            else if (deadline != 0 && BootTime.Now.Ticks >= deadline)
            {
                return false;
            }
        }
    }
}
