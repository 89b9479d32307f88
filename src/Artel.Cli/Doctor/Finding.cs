namespace Artel.Cli.Doctor;

internal enum Level
{
    Ok,
    Warn,
    Fail,
}

/// <summary>What was looked at, and how it is.</summary>
/// <param name="Remedy">What to do; empty where it is well.</param>
internal sealed record Finding(Level Level, string What, string Remedy = "")
{
    public string Word => Level switch
    {
        Level.Ok => "ok",
        Level.Warn => "warn",
        _ => "fail",
    };
}
