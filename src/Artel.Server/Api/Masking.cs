using Google.Protobuf;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Puts <c>***</c> in the place of what may be secret in a job. No name of a variable says for sure that its value is not: all are masked.</summary>
internal static class Masking
{
    public const string Mask = "***";

    /// <summary>Masks in place. True if there was anything to mask.</summary>
    public static bool Apply(V1.JobSpec job)
    {
        var masked = false;
        foreach (var template in job.Sections.SelectMany(s => s.Tasks).Concat(job.Tasks))
        {
            masked |= Apply(template.Env);
            if (template is { HasStdin: true, Stdin.IsEmpty: false })
            {
                template.Stdin = ByteString.CopyFromUtf8(Mask);
                masked = true;
            }

            if (template.Script is { Content.IsEmpty: false } script)
            {
                script.Content = ByteString.CopyFromUtf8(Mask);
                masked = true;
            }
        }

        return masked | Apply(job.OnEnd);
    }

    /// <summary>Masks in place. True if there was anything to mask.</summary>
    public static bool Apply(IDictionary<string, string> environment)
    {
        foreach (var name in environment.Keys.ToArray())
        {
            environment[name] = Mask;
        }

        return environment.Count > 0;
    }

    private static bool Apply(V1.OnEnd? onEnd)
    {
        if (onEnd is null)
        {
            return false;
        }

        for (var i = 0; i < onEnd.Command.Count; i++)
        {
            onEnd.Command[i] = Mask;
        }

        if (onEnd.Webhook.Length > 0)
        {
            // What comes after the host is often all that protects a hook; a name and a password may come before it.
            onEnd.Webhook = Uri.TryCreate(onEnd.Webhook, UriKind.Absolute, out var url) ? $"{url.Scheme}://{url.Authority}/{Mask}" : Mask;
        }

        return onEnd.Command.Count > 0 || onEnd.Webhook.Length > 0;
    }
}
