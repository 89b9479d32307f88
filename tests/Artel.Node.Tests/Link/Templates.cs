using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Node.Tests.Link;

/// <summary>Templates that tests grant.</summary>
internal static class Templates
{
    public static TaskTemplate Run(params string[] arguments) => new() { Run = { arguments } };

    public static TaskTemplate Program(params string[] arguments) => Run([TestProgram.Path, .. arguments]);

    public static TaskTemplate Shell(string script) => Run("/bin/sh", "-c", script);

    public static TaskTemplate WithGrace(this TaskTemplate template, TimeSpan grace)
    {
        template.Grace = Duration.FromTimeSpan(grace);
        return template;
    }

    public static TaskTemplate WithTimeout(this TaskTemplate template, TimeSpan timeout)
    {
        template.Timeout = Duration.FromTimeSpan(timeout);
        return template;
    }

    public static TaskTemplate In(this TaskTemplate template, string folder)
    {
        template.Cwd = folder;
        return template;
    }

    public static TaskTemplate WithCpus(this TaskTemplate template, int milliCpus) => template.With(new Needs { MilliCpus = milliCpus });

    public static TaskTemplate With(this TaskTemplate template, Needs needs)
    {
        template.Needs = needs;
        return template;
    }
}
