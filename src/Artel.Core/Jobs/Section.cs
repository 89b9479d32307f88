namespace Artel.Core;

/// <summary>The list of one node in an unfinished job: which of its tasks may start next.</summary>
internal sealed class Section(Job job, SectionSpec spec)
{
    private int _current = spec.FirstTemplate;

    public Job Job { get; } = job;

    public SectionSpec Spec { get; } = spec;

    /// <summary>Tasks that hold a place of the list: in flight, or waiting for a retry.</summary>
    public int Active { get; set; }

    public int Free => Spec.AtOnce - Active;

    /// <summary>
    /// The first template of the list with a task that has not started, or null at the end of the list. A template whose tasks wait
    /// for others is returned too: the list keeps its order and waits with it.
    /// </summary>
    public Template? Next()
    {
        var end = Spec.FirstTemplate + Spec.TemplateCount;
        while (_current < end)
        {
            var template = Job.Templates[_current];
            if (!template.Fresh.IsEmpty || template.Again.Count > 0)
            {
                return template;
            }

            _current++;
        }

        return null;
    }

    /// <summary>A task before the present place may start again.</summary>
    public void GoBackTo(Template template) => _current = Math.Min(_current, template.Index);
}
