namespace Artel.Server.Outputs;

/// <summary>
/// One kept output can not be given as it was received: its bytes on disk have changed or are gone. Nothing wrong was given out, and
/// nothing else is affected. The message is for people.
/// </summary>
internal sealed class OutputDamagedException : Exception
{
    public OutputDamagedException(string message)
        : base(message)
    {
    }

    public OutputDamagedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
