using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>The texts of a template in which marks are replaced, each taken apart once for all of its tasks. Immutable.</summary>
public sealed class TemplateTexts
{
    private readonly MarkedText[] _run;
    private readonly KeyValuePair<string, MarkedText>[] _environment;
    private readonly MarkedText _directory;

    public TemplateTexts(TaskTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        _run = [.. template.Run.Select(MarkedText.Parse)];
        _environment = [.. template.Env.Select(e => KeyValuePair.Create(e.Key, MarkedText.Parse(e.Value)))];
        _directory = MarkedText.Parse(template.Cwd);
    }

    /// <summary>The arguments of one task.</summary>
    public string[] Run(MarkValues values)
    {
        var arguments = new string[_run.Length];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = _run[i].Fill(values);

        return arguments;
    }

    /// <summary>The variables of one task, each once.</summary>
    public IEnumerable<KeyValuePair<string, string>> Environment(MarkValues values) =>
        _environment.Select(e => KeyValuePair.Create(e.Key, e.Value.Fill(values)));

    /// <summary>The working directory of one task; empty where the template names none.</summary>
    public string Directory(MarkValues values) => _directory.Fill(values);
}
