using System.CommandLine;
using System.Globalization;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel quota …</c>: what users may have at the same time.</summary>
internal static class QuotaCommands
{
    private const string None = "none";

    public static Command Create(Surroundings s)
    {
        var command = new Verb("quota", "Show and set what users may have at the same time: tasks, stored bytes, schedules, priority.")
        {
            Examples = ["artel quota ls", "artel quota set --default --queued-tasks 100000 --stored-bytes 50GiB", "artel quota set alice --running-tasks 64 --max-priority 10"],
        };
        ListsWith(command, s);
        command.Add(List(s));
        command.Add(Set(s));
        command.Add(Remove(s));
        return command;
    }

    private static Verb List(Surroundings s)
    {
        var command = new Verb("ls", "List quotas and how much of each is used. An admin sees all users, others themselves and the default. The same as 'artel quota' alone.");
        ListsWith(command, s);
        return command;
    }

    private static void ListsWith(Verb command, Surroundings s)
    {
        var json = Verb.Json();
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var reply = await session.Client.ListQuotasAsync(new ListQuotasRequest(), session.Question(ct));
            if (parsed.GetValue(json))
            {
                s.Terminal.Print(ArtelJson.Write(new QuotaListJson([QuotaJson.Of(reply.Default), .. reply.Users.Select(QuotaJson.Of)]), j => j.QuotaListJson));
                return ExitStatus.Done;
            }

            var listing = new Listing().Column("user").Column("queued tasks", right: true).Column("running tasks", right: true)
                .Column("stored bytes", right: true, minor: 1).Column("schedules", right: true, minor: 3)
                .Column("max priority", right: true, minor: 2);
            foreach (var quota in reply.Users.Prepend(reply.Default))
                listing.Row(quota.User.Length == 0 ? "(default)" : quota.User, QueuedTasks(quota), RunningTasks(quota), StoredBytes(quota), Schedules(quota), Number(quota.Limits.MaxPriority));

            listing.Print(s.Terminal.Out);
            return ExitStatus.Done;
        });
    }

    private static Verb Set(Surroundings s)
    {
        var (user, isDefault) = (User(), Default());
        var queued = Amount("--queued-tasks", "Tasks that have not ended, running ones too", "N", Count);
        var running = Amount("--running-tasks", "Tasks that run at the same time", "N", Count);
        var bytes = Amount("--stored-bytes", "Kept output, and jobs as they were submitted", "SIZE", Size);
        var schedules = Amount("--schedules", "Schedules", "N", Count);
        var priority = Amount("--max-priority", $"The highest priority that the user may give, from 0 to {JobLimits.MaxPriority}", "N", Count);
        var json = Verb.Json();
        var command = new Verb("set", "Set what a user may have, or the default of all who have no quota of their own. What is there already stays. What is not given stays as it was.")
        {
            Examples = ["artel quota set alice --queued-tasks 100000", "artel quota set --default --running-tasks 64", "artel quota set bob --running-tasks none"],
        };
        command.Add(user);
        command.Add(isDefault);
        foreach (var option in (Option<long?>[])[queued, running, bytes, schedules, priority])
            command.Add(option);

        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var request = new SetQuotaRequest { User = Whose(parsed, user, isDefault), Set = new QuotaAmounts() };
            if (parsed.GetValue(queued) is { } q)
                request.Set.QueuedTasks = q;

            if (parsed.GetValue(running) is { } r)
                request.Set.RunningTasks = r;

            if (parsed.GetValue(bytes) is { } b)
                request.Set.StoredBytes = b;

            if (parsed.GetValue(schedules) is { } n)
                request.Set.Schedules = n;

            // Not bounded is as high as any can be.
            if (parsed.GetValue(priority) is { } p)
                request.Set.MaxPriority = p < 0 ? JobLimits.MaxPriority : (int)Math.Min(int.MaxValue, p);

            if (request.Set.CalculateSize() == 0)
                throw CommandFailure.WrongUsage("nothing to set: give one of --queued-tasks, --running-tasks, --stored-bytes, --schedules and --max-priority");

            await ChangeAsync(request, parsed, json, s, ct);
            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb Remove(Surroundings s)
    {
        var (user, isDefault) = (User(), Default());
        var json = Verb.Json();
        var command = new Verb("rm", "Take away what was set for a user, so that the default applies, or what was set as the default.") { Examples = ["artel quota rm alice", "artel quota rm --default"] };
        command.Add(user);
        command.Add(isDefault);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            await ChangeAsync(new SetQuotaRequest { User = Whose(parsed, user, isDefault), Reset = true }, parsed, json, s, ct);
            return ExitStatus.Done;
        });
        return command;
    }

    private static async Task ChangeAsync(SetQuotaRequest request, ParseResult parsed, Option<bool> json, Surroundings s, CancellationToken ct)
    {
        var session = await s.ConnectAsync(parsed, ct);
        var quota = await session.Client.SetQuotaAsync(request, session.Question(ct));
        if (parsed.GetValue(json))
            s.Terminal.Print(ArtelJson.Write(new QuotaListJson([QuotaJson.Of(quota)]), j => j.QuotaListJson));

        s.Terminal.Note(
            $"{(request.User.Length == 0 ? "Default" : request.User)}: queued tasks {QueuedTasks(quota)}, running tasks {RunningTasks(quota)}, "
            + $"stored bytes {StoredBytes(quota)}, schedules {Schedules(quota)}, max priority {Number(quota.Limits.MaxPriority)}.");
    }

    private static Argument<string?> User() => new("USER") { Description = "Name of the user: that of their tokens.", Arity = ArgumentArity.ZeroOrOne };

    private static Option<bool> Default() => new("--default") { Description = "All users who have no quota of their own." };

    private static string Whose(ParseResult parsed, Argument<string?> user, Option<bool> isDefault) => (parsed.GetValue(user), parsed.GetValue(isDefault)) switch
    {
        (null or "", true) => "",
        ({ Length: > 0 } name, false) => name,
        ({ Length: > 0 } name, true) => throw CommandFailure.WrongUsage($"'{name}' and --default: give one of them"),
        _ => throw CommandFailure.WrongUsage("whose quota? Name a user, or give --default"),
    };

    private static Option<long?> Amount(string name, string description, string helpName, Func<string, (long Amount, string Error)> read) => new(name)
    {
        Description = $"{description}; {None} for no limit.",
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (text == None)
                return -1;

            var (amount, error) = read(text);
            if (error.Length == 0)
                return amount;

            result.AddError($"{name}: {error}, or {None}");
            return null;
        },
    };

    private static (long Amount, string Error) Count(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (count, "") : (0, $"'{text}' must be a whole number from 0");

    private static (long Amount, string Error) Size(string text) => Sizes.TryParse(text, out var bytes, out var error) ? (bytes, "") : (0, error);

    private static string QueuedTasks(UserQuota q) => Text(q.Used is { HasQueuedTasks: true } u ? u.QueuedTasks : null, q.Limits.HasQueuedTasks ? q.Limits.QueuedTasks : null, Words.Count);

    private static string RunningTasks(UserQuota q) => Text(q.Used is { HasRunningTasks: true } u ? u.RunningTasks : null, q.Limits.HasRunningTasks ? q.Limits.RunningTasks : null, Words.Count);

    private static string StoredBytes(UserQuota q) => Text(q.Used is { HasStoredBytes: true } u ? u.StoredBytes : null, q.Limits.HasStoredBytes ? q.Limits.StoredBytes : null, Words.Size);

    private static string Schedules(UserQuota q) => Text(q.Used is { HasSchedules: true } u ? u.Schedules : null, q.Limits.HasSchedules ? q.Limits.Schedules : null, Words.Count);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>3 of 10</c>, <c>3</c> if there is no limit, <c>10</c> of the default.</summary>
    private static string Text(long? used, long? limit, Func<long, string> write) => (used, limit) switch
    {
        ({ } u, { } l) => $"{write(u)} of {write(l)}",
        ({ } u, null) => write(u),
        (null, { } l) => write(l),
        _ => None,
    };
}
