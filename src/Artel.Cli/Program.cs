using System.CommandLine;
using System.CommandLine.Invocation;
using Artel.Cli.Commands;
using Artel.Cli.Output;
using Artel.Cli.Processes;
using Artel.Cli.Running;
using Artel.Node.Accounts;
using Grpc.Core;

namespace Artel.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        StandardDescriptors.Restore();

        // What an agent starts to become a task of another account has no command line of its own.
        if (OperatingSystem.IsLinux() && TaskStarter.IsFor(args))
            return TaskStarter.Run(args);

        TemporaryFolder.Choose();
        args = SecretArguments.Receive(OwnProcess.Arguments(args));
        using var signals = new Signals();
        using var surroundings = new Surroundings(
            Terminal.OfProcess(signals.OutputFailed), TimeProvider.System, signals, Environment.GetEnvironmentVariable);
        var status = await RunAsync(args, surroundings);
        return signals.OutputError == 0 ? status : OutputFailure.Report(signals.OutputError, surroundings.Terminal);
    }

    /// <summary>Runs one command line to its exit status. All that can be expected to fail ends here as one line on standard error.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> args, Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        var ct = surroundings.Signals.Stop;
        try
        {
            if (RawArguments.Problem(args) is { } problem)
                throw CommandFailure.WrongUsage(problem);

            var parsed = CommandTree.Create(surroundings).Parse(args, CommandTree.Parsing);
            if (parsed.Action is ParseErrorAction)
                return Refuse(parsed, terminal);

            return await parsed.InvokeAsync(CommandTree.Invoking(terminal), ct);
        }
        catch (CommandFailure e)
        {
            return End(e);
        }
        catch (RpcException e)
        {
            return ct.IsCancellationRequested ? ExitStatus.Interrupted : End(surroundings.Describe(e));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitStatus.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return End(CommandFailure.WrongUsage(e.Message.ReplaceLineEndings(" ")));
        }
#pragma warning disable CA1031 // A bug: said as one, after everything that the command started was stopped on the way here.
        catch (Exception e)
#pragma warning restore CA1031
        {
            terminal.Fail("this is a bug in artel; please report it with what follows");
            await terminal.ErrorWriter.WriteLineAsync(e.ToString());
            return ExitStatus.Bug;
        }

        int End(CommandFailure failure)
        {
            // That it was ended because of its output is all that there is to say, and is said by the caller.
            if (surroundings.Signals.OutputError != 0)
                return failure.Status;

            terminal.Fail(failure.Message);
            foreach (var line in failure.Details)
                terminal.Note($"  {line}");

            return failure.Status;
        }
    }

    private static int Refuse(ParseResult parsed, Terminal terminal)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0)
            HelpPage.Write(command, terminal.OutputWriter, HelpPage.Width());
        else
            terminal.Fail(Misuse.Describe(parsed));

        return ExitStatus.WrongUsage;
    }
}
