using Artel.Cli.Commands;
using Artel.Cli.Processes;
using Artel.Cli.Running;
using Artel.Node.Processes;

namespace Artel.Cli.Nodes;

/// <summary>
/// A command with a node agent in its process. What people start becomes the guardian, and runs the same command line as its child:
/// that is the agent.
/// </summary>
internal static class Guarded
{
    /// <param name="s">Where it is learned who guards this process, if anybody does.</param>
    /// <param name="work">The command. Gets what its agent needs to know of the guardian, and a token that stops it, also when the guardian is gone.</param>
    /// <param name="isClosed">Tasks run as other accounts: these may not look into the guardian, which has the agent's arguments and environment.</param>
    /// <param name="ct">Stops it.</param>
    public static Task<int> RunAsync(
        Surroundings s, Func<GuardedWork, CancellationToken, Task<int>> work, bool isClosed, CancellationToken ct) =>
        RunAsync(s, [], work, isClosed, ct);

    /// <inheritdoc cref="RunAsync(Surroundings, Func{GuardedWork, CancellationToken, Task{int}}, bool, CancellationToken)"/>
    /// <param name="more">Arguments that stand for what tokens in the environment said, which the agent does not get.</param>
    public static async Task<int> RunAsync(
        Surroundings s, IReadOnlyList<string> more, Func<GuardedWork, CancellationToken, Task<int>> work, bool isClosed, CancellationToken ct)
    {
        if (!Guardian.IsSupported)
            return await work(new GuardedWork(GuardianAlarm.None, CancellationToken.None), ct);

        if (isClosed)
            Guardian.CloseToOthers();

        if (s.Variable(Guardian.Variable) is not { Length: > 0 } guardian)
        {
            TemporaryFolder.Mention(s.Terminal);

            // The agent's tasks may run as the same account: neither it nor its guardian has a token where they can read it.
            if (SecretArguments.AreInEnvironment)
                SecretArguments.LeaveEnvironment(more);

            var status = GuardedProgram.Run(Programs.Artel, SecretArguments.ForChild(), out var error);
            if (error.Length > 0)
                s.Terminal.Fail(error);

            return status;
        }

        var gone = Guardian.Watch(guardian, out var alarm);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, gone);
        try
        {
            return await work(new GuardedWork(alarm, gone), stop.Token);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return ExitStatus.Interrupted;
        }
    }
}

/// <summary>What an agent needs to know of its guardian.</summary>
/// <param name="EndAtOnce">As <see cref="Artel.Node.NodeAgentOptions.EndAtOnce"/>.</param>
internal sealed record GuardedWork(GuardianAlarm Alarm, CancellationToken EndAtOnce);
