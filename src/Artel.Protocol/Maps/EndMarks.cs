namespace Artel.Protocol.Maps;

/// <summary>The marks in the command of <c>on_end</c>: <c>{job}</c>, <c>{name}</c> and <c>{state}</c>.</summary>
public static class EndMarks
{
    /// <summary>One word of the command, as a template of the job that runs it.</summary>
    /// <param name="word">As it was submitted.</param>
    public static string Fill(string word, string job, string name, string state)
    {
        ArgumentNullException.ThrowIfNull(word);
        return TaskMarks.Escape(string.Concat(BraceText.Split(word, IsMark).Select(p => !p.IsMark ? p.Text : p.Text switch
        {
            "job" => job,
            "name" => name,
            "state" => state,
            _ => $"{{{p.Text}}}",
        })));
    }

    /// <summary>True if a word has a mark of a task, which the command is not.</summary>
    internal static bool HasTaskMark(string word) =>
        BraceText.Split(word, IsMark).Exists(p => p.IsMark && TaskMarks.IsMark(p.Text));

    private static bool IsMark(ReadOnlySpan<char> inner) =>
        inner is "job" or "name" or "state" || TaskMarks.IsMark(inner);
}
