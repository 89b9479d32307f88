using Google.Protobuf;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Puts <c>***</c> in the place of what may be secret in a job.</summary>
internal static class Masking
{
    public const string Mask = "***";

    // Written in docs/protocol.md too.
    private static readonly string[] SecretWords = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL"];

    /// <summary>Whether a variable of this name may hold a secret.</summary>
    public static bool IsSecret(string name) => SecretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>Masks in place. Whether there was anything to mask.</summary>
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
        }

        if (job.OnEnd is { Webhook.Length: > 0 } onEnd)
        {
            // What comes after the host is often all that protects a hook.
            onEnd.Webhook = Uri.TryCreate(onEnd.Webhook, UriKind.Absolute, out var url) ? $"{url.Scheme}://{url.Authority}/{Mask}" : Mask;
            masked = true;
        }

        return masked;
    }

    /// <summary>Masks in place. Whether there was anything to mask.</summary>
    public static bool Apply(IDictionary<string, string> environment)
    {
        var secret = environment.Where(e => e.Value.Length > 0 && IsSecret(e.Key)).Select(e => e.Key).ToArray();
        foreach (var name in secret)
        {
            environment[name] = Mask;
        }

        return secret.Length > 0;
    }
}
