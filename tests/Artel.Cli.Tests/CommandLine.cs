using Artel.Cli.Commands;
using Artel.Cli.Output;

namespace Artel.Cli.Tests;

/// <summary>Runs command lines in this process, in an empty home, and keeps what they print.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly Dictionary<string, string> _variables = [];

    public CommandLine()
    {
        Home = Directory.CreateTempSubdirectory("artel-cli-test-").FullName;
        _variables["ARTEL_HOME"] = Home;
    }

    public string Home { get; }

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public CommandLine With(string variable, string value)
    {
        _variables[variable] = value;
        return this;
    }

    /// <summary>Gives the exit status.</summary>
    public async Task<int> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var signals = new Signals();
        var terminal = new Terminal(output, error, outputIsTerminal: false, errorIsTerminal: false);
        using var surroundings = new Surroundings(terminal, TimeProvider.System, signals, _variables.GetValueOrDefault);
        var status = await Program.RunAsync(args, surroundings);
        Output = output.ToString();
        Error = error.ToString();
        return status;
    }

    public string WriteFile(string name, string text)
    {
        var path = Path.Combine(Home, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);
}
