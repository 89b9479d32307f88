namespace Artel.Server;

/// <summary>Request ids of jobs that the server submits by itself. Nobody else's begin so: who could guess one could put a job of his own in its place.</summary>
internal static class OwnRequests
{
    public const string Prefix = "artel:";
}
