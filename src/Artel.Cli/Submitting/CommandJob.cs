using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Submitting;

/// <summary>The job of a command that was given on the command line.</summary>
internal static class CommandJob
{
    public static JobSpec Build(JobOptions options, JobAnswers answers, string[] command)
    {
        var template = new TaskTemplate();
        TaskEntries.Fill(template, command, options, answers);
        if (answers.Get(options.Stdin) is { } stdin)
            template.Stdin = ReadStdin(stdin);

        return Build(options, answers, template, NameOf(command[0]));
    }

    /// <summary>Everything but what is run and its standard input.</summary>
    public static JobSpec Build(JobOptions options, JobAnswers answers, TaskTemplate template, string name)
    {
        if (answers.Get(options.Array) is { } indices && !ArrayText.TryRead(indices, template, out var error))
            throw CommandFailure.WrongUsage($"--array: {error}");

        if (answers.Has(options.AtOnce))
            template.AtOnce = (int)answers.Get(options.AtOnce);

        template.Retry = Retry(options, answers);
        template.Exclusive = answers.Get(options.Exclusive);
        template.Pin = answers.Get(options.Pin);
        template.Needs = Needs(options, answers);
        if (answers.Get(options.Timeout) is { } timeout)
            template.Timeout = Duration.FromTimeSpan(timeout);

        if (answers.Get(options.OutputLimit) is { } limit)
        {
            template.OutputLimit = limit > 0 ? limit : throw CommandFailure.WrongUsage(
                "--output-limit is 0: give a size from 1 byte, or leave it out for 64MiB");
        }

        template.Labels.Add(answers.Pairs(options.Labels));
        template.Prefer.Add(answers.Pairs(options.Prefer));
        TaskEnvironment.Fill(template.Env, options, answers);
        SetFolder(template, answers.Get(options.Cwd));
        var job = new JobSpec { Name = name };
        if (answers.Get(options.Node) is { } node)
        {
            // A queue has an at_once of its own. What the command line runs is retried only if it says so, on whatever node.
            template.Retry ??= new RetryPolicy { Retries = 0 };
            job.Sections.Add(new NodeSection { Node = node, AtOnce = template.AtOnce, Tasks = { template } });
            template.AtOnce = 0;
        }
        else
        {
            job.Tasks.Add(template);
        }

        return job;
    }

    private static Needs Needs(JobOptions options, JobAnswers answers)
    {
        var needs = new Needs { MemoryBytes = answers.Get(options.Memory) ?? 0, MilliGpus = answers.Get(options.Gpus) ?? 0 };
        if (answers.Get(options.Cpus) is { } cpus)
            needs.MilliCpus = cpus;

        needs.Counters.Add(answers.Pairs(options.Counters));
        return needs;
    }

    private static RetryPolicy? Retry(JobOptions options, JobAnswers answers)
    {
        if (answers.Get(options.Retries) is not (> 0 and var retries))
        {
            System.CommandLine.Option[] ofRetries = [options.Backoff, options.RetryOn, options.NoRetryOn, options.AvoidSameNode];
            return ofRetries.FirstOrDefault(answers.Has) is { } idle
                ? throw CommandFailure.WrongUsage($"{idle.Name} says nothing without retries: give --retries N too")
                : null;
        }

        var retry = new RetryPolicy
        {
            Retries = (int)retries,
            RetryOn = answers.Get(options.RetryOn),
            NoRetryOn = answers.Get(options.NoRetryOn),
            AvoidSameNode = answers.Get(options.AvoidSameNode),
        };
        if (answers.Get(options.Backoff) is { } backoff)
        {
            retry.Backoff = Duration.FromTimeSpan(backoff);
            if (backoff > JobLimits.DefaultMaxBackoff)
                retry.MaxBackoff = retry.Backoff;
        }

        return retry;
    }

    public static string NameOf(string program)
    {
        var name = RawText.Show(Path.GetFileName(program.TrimEnd('/')));
        return !string.IsNullOrWhiteSpace(name) && name.Length <= JobLimits.MaxNameLength ? name : "command";
    }

    private static void SetFolder(TaskTemplate template, string? cwd)
    {
        if (cwd == "scratch")
            template.Scratch = true;
        else
            template.Cwd = TaskFolder.Of(cwd, OwnProcess.CurrentFolder());
    }

    public static ByteString ReadStdin(string file)
    {
        try
        {
            using var from = file == "-" ? Console.OpenStandardInput() : File.OpenRead(OwnProcess.PathOf(file));
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
