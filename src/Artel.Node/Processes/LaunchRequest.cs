using Artel.Node.Accounts;

namespace Artel.Node.Processes;

/// <summary>A program to start.</summary>
/// <param name="Arguments">The argument array; the first is the program, looked up on the PATH of <paramref name="Environment"/> where it has no slash.</param>
/// <param name="Environment">The whole environment of the process.</param>
/// <param name="WorkingDirectory">Empty: the agent's own.</param>
/// <param name="Stdin">What it reads on its standard input. Null: nothing, the end at once.</param>
/// <param name="Cpus">The only ones it runs on. Null or empty: those of the agent.</param>
/// <param name="MemoryLimitBytes">What all its processes together may take before the observer is told. Null: as much as they like.</param>
/// <param name="Account">As whom it runs. Null: as the agent itself.</param>
/// <param name="Script">The script that is still to be put into a file, as that account. Null if there is none.</param>
internal sealed record LaunchRequest(
    IReadOnlyList<string> Arguments,
    ProcessEnvironment Environment,
    string WorkingDirectory = "",
    ReadOnlyMemory<byte>? Stdin = null,
    IReadOnlyList<int>? Cpus = null,
    long? MemoryLimitBytes = null,
    Account? Account = null,
    ScriptPlace? Script = null);
