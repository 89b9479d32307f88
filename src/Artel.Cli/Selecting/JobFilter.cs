using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>Which jobs are meant where none is named. What is not said restricts nothing.</summary>
internal sealed record JobFilter
{
    public static readonly JobState[] Unfinished = [JobState.Waiting, JobState.Running];

    /// <summary>A pattern that the whole name fits.</summary>
    public string Name { get; init; } = "";

    /// <summary>The same of the user.</summary>
    public string User { get; init; } = "";

    public string Tag { get; init; } = "";

    /// <summary>Only the user's own. Not together with <see cref="User"/>.</summary>
    public bool Mine { get; init; }

    public IReadOnlyList<JobState> States { get; init; } = [];

    public DateTimeOffset? EndedSince { get; init; }

    public DateTimeOffset? EndedBefore { get; init; }

    /// <summary>The question for the jobs that fit: newest first.</summary>
    public ListJobsRequest ToRequest()
    {
        var request = new ListJobsRequest
        {
            Name = Name,
            User = User,
            Mine = Mine,
            Tag = Tag,
            EndedSince = EndedSince is { } since ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(since) : null,
            EndedBefore = EndedBefore is { } before ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(before) : null,
        };
        request.States.AddRange(States);
        return request;
    }

    /// <summary>As one would type it.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Name.Length > 0)
            parts.Add($"--name {Words.CommandLine([Name])}");

        if (User.Length > 0)
            parts.Add($"--user {Words.CommandLine([User])}");

        if (Tag.Length > 0)
            parts.Add($"--tag {Words.CommandLine([Tag])}");

        if (States.Count > 0)
            parts.Add($"--state {string.Join(',', States.Select(StateWords.Of))}");

        return string.Join(' ', parts);
    }
}
