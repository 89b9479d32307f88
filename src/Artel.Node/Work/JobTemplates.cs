using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>The templates that the server has sent on this link. Callers take turns.</summary>
internal sealed class JobTemplates
{
    private readonly Dictionary<(long Job, int Template), JobTemplate> _templates = [];

    public void Add(IEnumerable<TemplateDefinition> definitions)
    {
        foreach (var definition in definitions)
        {
            _templates[(definition.Job, definition.Template)] =
                new JobTemplate(definition.Job, definition.Spec, definition.Trace, definition.User);
        }
    }

    /// <summary>The template of a grant.</summary>
    /// <exception cref="InvalidDataException">
    /// It was not sent on this link, or the grant reaches beyond its array.
    /// </exception>
    public JobTemplate Of(Grant grant)
    {
        if (!_templates.TryGetValue((grant.Job, grant.Template), out var template))
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"granted template {grant.Template} of job {grant.Job}, which was not sent on this link"));
        }

        if (!template.HasPositions(grant.FirstPosition, grant.Leases.Count))
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"granted tasks beyond the array of template {grant.Template} of job {grant.Job}"));
        }

        return template.HasEntries(grant) ? template : throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"granted tasks of template {grant.Template} of job {grant.Job} with entries for other tasks than these"));
    }

    /// <summary>These jobs have ended. What still runs of them keeps its own.</summary>
    public void Forget(IReadOnlyCollection<long> jobs)
    {
        foreach (var key in _templates.Keys.Where(k => jobs.Contains(k.Job)).ToArray())
            _templates.Remove(key);
    }

    /// <summary>For a new link.</summary>
    public void Clear() => _templates.Clear();
}
