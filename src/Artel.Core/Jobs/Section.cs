namespace Artel.Core;

/// <summary>The list of one node in an unfinished job: which of its tasks may start next.</summary>
internal sealed class Section(Job job, SectionSpec spec)
{
    private int _current = spec.FirstTemplate;

    public Job Job { get; } = job;

    public SectionSpec Spec { get; set; } = spec;

    /// <summary>Tasks that hold a place of the list: in flight, or waiting for a retry.</summary>
    public int Active { get; set; }

    /// <summary>
    /// How many more may be active; below 0 if a revision allows fewer than are active.
    /// </summary>
    public int Free => Spec.AtOnce - Active;

    /// <summary>Tasks of the list.</summary>
    public int Assigned { get; set; }

    /// <summary>Tasks of the list that have ended in any way.</summary>
    public int Ended { get; set; }

    /// <summary>
    /// The first template of the list with a task that has not started, or null at the end of the list. A template whose tasks wait
    /// for others is returned too: the list keeps its order and waits with it.
    /// </summary>
    public Template? Next()
    {
        var end = Spec.FirstTemplate + Spec.TemplateCount;
        for (; _current < end; _current++)
        {
            if (Job.Templates[_current].HasStartable)
            {
                return Job.Templates[_current];
            }
        }

        return null;
    }

    /// <summary>Any of its tasks may start again.</summary>
    public void GoBack() => _current = Spec.FirstTemplate;

    /// <summary>A task before the present place may start again.</summary>
    public void GoBackTo(Template template) => _current = Math.Min(_current, template.Index);
}
