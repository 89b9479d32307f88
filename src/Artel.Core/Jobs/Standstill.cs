namespace Artel.Core;

/// <summary>
/// Finds tasks that would wait for each other for ever: through <c>after</c>, and through the order of a node's list, in which no
/// task starts before those ahead of it have.
/// </summary>
public static class Standstill
{
    /// <returns>Indexes of templates each of which waits for the next, and the last for the first; empty where the job can not stand still.</returns>
    public static IReadOnlyList<int> In(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var ahead = new int[spec.Templates.Length];
        Array.Fill(ahead, -1);
        foreach (var section in spec.Sections)
        {
            for (var i = section.FirstTemplate + 1; i < section.FirstTemplate + section.TemplateCount; i++)
            {
                ahead[i] = i - 1;
            }
        }

        // Depth first, without recursion: a chain may be as long as a job. Each entry of the path is a template and which of its
        // reasons to wait is looked at.
        var done = new bool[spec.Templates.Length];
        var onPath = new bool[spec.Templates.Length];
        var path = new List<(int Template, int Reason)>();
        for (var start = 0; start < done.Length; start++)
        {
            if (!done[start])
            {
                path.Add((start, 0));
                onPath[start] = true;
            }

            while (path.Count > 0)
            {
                var (template, reason) = path[^1];
                var after = spec.Templates[template].After;
                if (reason > after.Length)
                {
                    (done[template], onPath[template]) = (true, false);
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                path[^1] = (template, reason + 1);
                var waitsFor = reason < after.Length ? after[reason] : ahead[template];
                if (waitsFor < 0 || done[waitsFor])
                {
                    continue;
                }

                if (onPath[waitsFor])
                {
                    return [.. path.Select(p => p.Template).SkipWhile(t => t != waitsFor)];
                }

                path.Add((waitsFor, 0));
                onPath[waitsFor] = true;
            }
        }

        return [];
    }
}
