using System.CommandLine;

namespace Artel.Cli.Selecting;

/// <summary>The options that filter jobs by what they are, the same wherever jobs are listed or chosen. A further property of jobs gets its option here.</summary>
internal sealed class JobFilterOptions(bool ownByDefault)
{
    public Option<string?> Name { get; } = new("--name")
    {
        Description = "Only jobs whose name this pattern fits: * stands for any text, ? for one character, [a-z] for one of these. Quote it.",
        HelpName = "GLOB",
    };

    public Option<string?> User { get; } = new("--user")
    {
        Description = ownByDefault ? "Only jobs of this user; '*' for everyone's [your own]." : "Only jobs of this user; a pattern as for --name.",
        HelpName = "USER",
    };

    public Option<string?> Tag { get; } = new("--tag") { Description = "Only jobs with this tag.", HelpName = "TAG" };

    public void AddTo(Command command)
    {
        command.Add(Name);
        command.Add(User);
        command.Add(Tag);
    }

    /// <summary>Whether any of them is given.</summary>
    public bool IsGiven(ParseResult parsed) => !string.IsNullOrEmpty(parsed.GetValue(Name)) || !string.IsNullOrEmpty(parsed.GetValue(User))
        || !string.IsNullOrEmpty(parsed.GetValue(Tag));

    public JobFilter Read(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(Name) ?? "",
        User = parsed.GetValue(User) ?? "",
        Tag = parsed.GetValue(Tag) ?? "",
        Mine = ownByDefault && string.IsNullOrEmpty(parsed.GetValue(User)),
    };
}
