namespace Artel.Server.Classic;

/// <summary>The other side did not keep to the classic protocol, or has gone: the connection is closed. The message says why, for the log.</summary>
internal sealed class ClassicException(string message) : Exception(message);
