namespace Artel.Core.Tests;

/// <summary>What a node may report of an attempt.</summary>
internal static class Results
{
    public static AttemptResult Succeeded(double seconds = 1) => Of(AttemptOutcome.Succeeded, seconds);

    public static AttemptResult Failed(int status = 1, string message = "") => Of(AttemptOutcome.Failed) with { ExitStatus = status, Message = message };

    public static AttemptResult Of(AttemptOutcome outcome, double seconds = 1) =>
        new(outcome, 0, 0, "", null, new Usage(TimeSpan.FromSeconds(seconds), default, default, 0), KeptOutput.Empty, KeptOutput.Empty);
}
