using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Output;
using Artel.Cli.Running;
using Artel.Protocol.V1;

namespace Artel.Cli.Top;

/// <summary>The output of one task on the whole screen, live, until a key is pressed.</summary>
internal static class TopLogs
{
    private static readonly TimeSpan KeyPoll = TimeSpan.FromMilliseconds(50);

    public static async Task ShowAsync(ClusterSession session, RunningTask task, Surroundings s, CancellationToken ct)
    {
        Console.Write($"\e[2J\e[H\e[2mOutput of {task} on {Terminal.Plain(task.Node)}. Any key goes back.\e[0m\r\n");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var lines = Math.Max(5, Console.WindowHeight - 3);
        var request = new ReadOutputRequest { Job = task.Job, Task = task.Task, Follow = true, TailLines = lines };
        await using var output = s.Terminal.OpenOutput();
        var reading = new LiveRelay(session, request, line => Console.Write($"\e[2m{Terminal.Plain(line)}\e[0m\r\n"), s.Clock).RelayAsync(output, output, stop.Token);
        var isTold = false;
        while (!Console.KeyAvailable)
        {
            if (reading.IsCompleted && !isTold)
            {
                isTold = true;
                Console.Write(reading.Exception?.InnerException is CommandFailure failure ? $"\e[2m{Terminal.Plain(failure.Message)}\e[0m\r\n" : "\e[2mIt has ended.\e[0m\r\n");
            }

            await Task.Delay(KeyPoll, s.Clock, ct);
        }

        Console.ReadKey(intercept: true);
        await stop.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
