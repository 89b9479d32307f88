namespace Artel.Cli.Json;

/// <summary>The line that <c>artel-server --json</c> prints when it listens.</summary>
internal sealed record ServerReadyJson(string Listening, string Pin, string AccessFile, string Data, string? Dashboard);
