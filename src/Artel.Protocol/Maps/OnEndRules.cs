using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>What must hold for <c>on_end</c>.</summary>
internal static class OnEndRules
{
    private const int MaxArguments = 1000;
    private const int MaxCommandBytes = 64 * 1024;
    private const int MaxUrlLength = 2048;
    private const string UrlRemedy = "an address such as https://hooks.example.org/artel";

    public static void Check(OnEnd? onEnd, SpecMistakes mistakes)
    {
        if (onEnd is null)
            return;

        if (onEnd.Command.Count == 0 && onEnd.Webhook.Length == 0)
            Add("on_end", "on_end has neither a command nor a webhook", "write run: [./notify.sh, '{job}'] or webhook: https://…");

        if (!Enum.IsDefined(onEnd.When))
            Add("on_end.when", "unknown value of when", "one of always, success, failure");

        CheckCommand(onEnd);
        if (onEnd.Webhook.Length > 0 && UrlProblem(onEnd.Webhook) is { } problem)
            Add("on_end.webhook", problem, UrlRemedy);

        void Add(string field, string what, string remedy = "") => mistakes.Add(new SpecPlace(null, null, field), what, remedy);

        void CheckCommand(OnEnd end)
        {
            if (end.Command.Count > MaxArguments || end.Command.Sum(a => (long)a.Length) > MaxCommandBytes)
                Add("on_end.run", $"the command has more than {MaxArguments} arguments or {Sizes.Format(MaxCommandBytes)}", "put it into a script");

            if (end.Command.Count > 0 && end.Command[0].Length == 0)
                Add("on_end.run", "the program's name is empty", "the first item of run is the program");

            if (end.Command.Select(TextRules.ArgumentProblem).FirstOrDefault(p => p is not null) is { } wrong)
                Add("on_end.run", $"an argument {wrong}");

            if (end.Command.FirstOrDefault(EndMarks.HasTaskMark) is { } marked)
            {
                Add(
                    "on_end.run",
                    $"{TaskMarks.Index} or {TaskMarks.Entry} in a command that runs once for the whole job, "
                    + $"in '{Quote.Shorten(marked)}'",
                    "{job}, {name} and {state} are replaced there; {{index}} is the text {index}");
            }

            if (TextRules.ArgumentProblem(end.Cwd) is { } cwd)
                Add("on_end", $"the working directory {cwd}");
            else if (end.Cwd.Length > 0 && !Paths.IsAbsolute(end.Cwd))
                Add("on_end", $"the working directory '{Quote.Shorten(end.Cwd)}' is relative", "an absolute path");
        }
    }

    private static string? UrlProblem(string url)
    {
        if (url.Length > MaxUrlLength)
            return $"the webhook's address has {url.Length} characters: at most {MaxUrlLength}";

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp) || uri.Host.Length == 0)
            return $"the webhook '{Quote.Shorten(url)}' is no http or https address";

        return uri.UserInfo.Length > 0 || uri.Fragment.Length > 0 ? "the webhook's address holds a user, a password or a fragment" : null;
    }
}
