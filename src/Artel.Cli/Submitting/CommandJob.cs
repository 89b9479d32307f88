using System.CommandLine;
using Artel.Cli.Commands;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Submitting;

/// <summary>The job of a command that was given on the command line.</summary>
internal static class CommandJob
{
    public static JobSpec Build(JobOptions options, ParseResult parsed, string[] command, Surroundings s)
    {
        var template = new TaskTemplate { Needs = new Needs() };
        template.Run.AddRange(command);
        if (parsed.GetValue(options.Array) is { } indices)
            template.Array = IndexSets.Parse(indices, out var error) ?? throw CommandFailure.WrongUsage($"--array: {error}");

        template.Retry = Retry(options, parsed);
        template.Exclusive = parsed.GetValue(options.Exclusive);

        if (parsed.GetValue(options.Cpus) is { } cpus)
            template.Needs.MilliCpus = cpus;

        template.Needs.MemoryBytes = parsed.GetValue(options.Memory) ?? 0;
        template.Needs.MilliGpus = parsed.GetValue(options.Gpus) ?? 0;
        if (parsed.GetValue(options.Timeout) is { } timeout)
            template.Timeout = Duration.FromTimeSpan(timeout);

        template.Labels.Add(parsed.GetValue(options.Labels) ?? []);
        template.Env.Add(parsed.GetValue(options.Env) ?? []);
        SetFolder(template, parsed.GetValue(options.Cwd));
        if (parsed.GetValue(options.Stdin) is { } stdin)
            template.Stdin = ReadStdin(stdin);

        var job = new JobSpec { Name = NameOf(command[0]) };
        if (parsed.GetValue(options.Node) is { } node)
            job.Sections.Add(new NodeSection { Node = node, Tasks = { template } });
        else
            job.Tasks.Add(template);

        return job;
    }

    private static RetryPolicy? Retry(JobOptions options, ParseResult parsed)
    {
        if (parsed.GetValue(options.Retries) is not (> 0 and var retries))
        {
            System.CommandLine.Option[] ofRetries = [options.Backoff, options.RetryOn, options.NoRetryOn, options.AvoidSameNode];
            return ofRetries.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } idle
                ? throw CommandFailure.WrongUsage($"{idle.Name} says nothing without retries: give --retries N too")
                : null;
        }

        var retry = new RetryPolicy
        {
            Retries = (int)retries,
            RetryOn = parsed.GetValue(options.RetryOn),
            NoRetryOn = parsed.GetValue(options.NoRetryOn),
            AvoidSameNode = parsed.GetValue(options.AvoidSameNode),
        };
        if (parsed.GetValue(options.Backoff) is { } backoff)
        {
            retry.Backoff = Duration.FromTimeSpan(backoff);
            if (backoff > JobLimits.DefaultMaxBackoff)
                retry.MaxBackoff = retry.Backoff;
        }

        return retry;
    }

    private static string NameOf(string program)
    {
        var name = Path.GetFileName(program.TrimEnd('/'));
        return name.Length is > 0 and <= JobLimits.MaxNameLength ? name : "command";
    }

    private static void SetFolder(TaskTemplate template, string? cwd)
    {
        if (cwd == "scratch")
            template.Scratch = true;
        else
            template.Cwd = Path.GetFullPath(cwd ?? ".");
    }

    private static ByteString ReadStdin(string file)
    {
        try
        {
            using var from = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            using var bytes = new MemoryStream();
            var piece = new byte[64 * 1024];
            int count;
            while ((count = from.Read(piece)) > 0)
            {
                bytes.Write(piece, 0, count);
                if (bytes.Length > JobLimits.MaxStdinBytes)
                {
                    throw CommandFailure.WrongUsage(
                        $"--stdin: {file} is larger than {Sizes.Format(JobLimits.MaxStdinBytes)}, the most that goes with a job: let the command open the file");
                }
            }

            return ByteString.CopyFrom(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("read", file, e);
        }
    }
}
