using Artel.Protocol.Maps;
using Artel.Protocol.Tasks;
using Google.Protobuf.Collections;

namespace Artel.Cli.Submitting;

/// <summary>
/// The variables of a command: those inherited, then those of files, then those given by name; a later one of a name
/// counts. Only the last are templates.
/// </summary>
internal static class TaskEnvironment
{
    public static void Fill(MapField<string, string> env, JobOptions options, JobAnswers answers)
    {
        if (answers.Has(options.InheritEnv))
            Inherit(env, answers.Get(options.InheritEnv));

        foreach (var file in answers.Words(options.EnvFiles))
            ReadFile(env, file);

        foreach (var (name, value) in answers.Pairs(options.Env))
            env[name] = value;
    }

    private static void Inherit(MapField<string, string> env, string? names)
    {
        if (names is null or "" or "all")
        {
            foreach (var (name, value) in OwnProcess.Variables())
            {
                if (InheritedVariables.IsForTasks(name))
                    env[name] = TaskMarks.Escape(value);
            }

            return;
        }

        var variables = OwnProcess.Variables();
        foreach (var name in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            env[name] = variables.TryGetValue(name, out var value)
                ? TaskMarks.Escape(value)
                : throw CommandFailure.WrongUsage(
                    $"--inherit-env: the variable '{name}' is not set here: give it with --env {name}=VALUE");
        }
    }

    /// <summary><c>NAME=VALUE</c> a line, the value as it is; empty lines and those that begin with '#' say nothing.</summary>
    private static void ReadFile(MapField<string, string> env, string file)
    {
        string[] lines;
        try
        {
            lines = RawText.FromBytes(File.ReadAllBytes(OwnProcess.PathOf(file))).TrimStart('\uFEFF').Split('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("read", file, e);
        }

        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimStart();
            if (line.EndsWith('\r'))
                line = line[..^1];

            if (line.Length == 0 || line[0] == '#')
                continue;

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || line[..equals].Any(char.IsWhiteSpace))
                throw CommandFailure.WrongUsage(FormattableString.Invariant($"{file}:{i + 1}: '{Words.Cut(line, 60)}' is no variable: write NAME=VALUE"));

            env[line[..equals]] = TaskMarks.Escape(line[(equals + 1)..]);
        }
    }
}
