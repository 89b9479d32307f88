using System.Runtime.InteropServices;

namespace Artel.Chaos;

internal static class Program
{
    private const int WrongUsage = 2;

    private static async Task<int> Main(string[] arguments)
    {
        if (Options.Parse(arguments, out var error) is not { } options)
        {
            await Console.Error.WriteLineAsync($"{error}\n\n{Options.Usage}");
            return WrongUsage;
        }

        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        var report = await ChaosRun.RunAsync(options, Console.Error, stop.Token);
        Console.WriteLine(options.Json ? report.ToJson() : report.ToText());
        return report.Holds ? 0 : 1;
    }
}
