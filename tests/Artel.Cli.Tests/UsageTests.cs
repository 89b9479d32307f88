namespace Artel.Cli.Tests;

/// <summary>What is refused before anything is sent: one line that says what would be right, and status 2.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly CommandLine _artel = new();

    public void Dispose() => _artel.Dispose();

    [Theory]
    [InlineData("'x' is no job or task: write a job (12), a task of it (12.3) or several (12.3-7, 12.3,5), or 'last' for the job", "show", "x")]
    [InlineData("'12.3' is no job or task: a job is a number, such as 12, or 'last'", "wait", "12.3")]
    [InlineData("--state: 'foo' is none of waiting, running, succeeded, failed, cancelled", "ls", "--state", "foo")]
    [InlineData("--state: 'ready' is no state of a job: waiting, running, succeeded, failed, cancelled", "cancel", "--state", "ready")]
    [InlineData("--state filters jobs: leave out '12'", "wait", "12", "--state", "failed")]
    [InlineData("'12' and a filter: name what is meant, or filter for it, not both", "cancel", "12", "--name", "x*")]
    [InlineData("'last.3' and --all: name what is meant, or filter for it, not both", "retry", "last.3", "--all")]
    [InlineData("'--all' is no option of this command", "show", "--all")]
    [InlineData("--since: 'soon' is no time: write a date (2026-03-01)", "history", "--since", "soon")]
    [InlineData("--before: 'x' is no time and no job", "history", "--before", "x")]
    [InlineData("--tail: '0' is no number of lines", "logs", "1", "--tail", "0")]
    [InlineData("--timeout: '10' has no unit", "wait", "1", "--timeout", "10")]
    [InlineData("--limit: '0' is no whole number of 1 to 1000000: write one like 30", "ls", "--limit", "0")]
    [InlineData("--array: '1-x' is no index or range", "submit", "--array", "1-x", "--", "echo")]
    [InlineData("--memory: '4QB' is no size", "submit", "--memory", "4QB", "--", "echo")]
    [InlineData("--timeout: '10' has no unit", "submit", "--timeout", "10", "--", "echo")]
    [InlineData("--heartbeat: '1ms' is out of range: write a duration from 100ms to 1h", "server", "start", "--heartbeat", "1ms")]
    [InlineData("--heartbeat: '50d' is out of range", "up", "--heartbeat", "50d")]
    [InlineData("--lost-after: '31d' is out of range", "up", "--lost-after", "31d")]
    [InlineData("--interval: '1ms' is out of range", "top", "--interval", "1ms")]
    [InlineData("--timeout: '0s' is out of range: write a duration from 1ms to 3650d", "submit", "--timeout", "0s", "--", "echo")]
    [InlineData("--cpus: 'many' is no amount", "submit", "--cpus", "many", "--", "echo")]
    [InlineData("--priority: '1001' is no whole number of -1000 to 1000", "submit", "--priority", "1001", "--", "echo")]
    [InlineData("--env: 'NAME' is no pair: write KEY=VALUE, such as MODE=fast", "submit", "--env", "NAME", "--", "echo")]
    [InlineData("--node: '../x' is no node id", "submit", "--node", "../x", "--", "echo")]
    [InlineData("--retry-on: 'always' is no exit status", "submit", "--retries", "1", "--retry-on", "7,always", "--", "echo")]
    [InlineData("--no-retry-on: exit status 0 is success", "submit", "--retries", "1", "--no-retry-on", "0", "--", "echo")]
    [InlineData("exit status 7 is in both retry_on and no_retry_on", "submit", "--retries", "1", "--retry-on", "1-9", "--no-retry-on", "7", "--", "echo")]
    [InlineData("--retry-on says nothing without retries: give --retries N too", "submit", "--retry-on", "7", "--", "echo")]
    [InlineData("--avoid-same-node says nothing without retries", "run", "--avoid-same-node", "--", "echo")]
    [InlineData("avoid_same_node in a node's list, whose tasks keep to their node", "submit", "--retries", "1", "--avoid-same-node", "--node", "1", "--", "echo")]
    [InlineData("--backoff is for a command after '--'", "submit", "--backoff", "1s", "map.yaml")]
    [InlineData("--deadline and --now: give one of them", "node", "stop", "1", "--deadline", "1m", "--now")]
    [InlineData("--deadline: 'soon' is no duration", "node", "drain", "1", "--deadline", "soon")]
    [InlineData("--max-losses: '0' is no whole number of 1 to 2147483647", "server", "start", "--max-losses", "0")]
    [InlineData("--after: 'x' is no job or task: write a job (12) or a task of it (12.3), or 'last'", "submit", "--after", "x", "--", "echo")]
    [InlineData("--array: '%0' does not say how many at once", "submit", "--array", "1-9%0", "--", "echo")]
    [InlineData("--at-once: '0' is no whole number of 1 to 100000", "submit", "--at-once", "0", "--", "echo")]
    [InlineData("--start-at: 'soon' is no time", "submit", "--start-at", "soon", "--", "echo")]
    [InlineData("--start-at: '2026-03-01T08:00:00' says no time zone", "submit", "--start-at", "2026-03-01T08:00:00", "--", "echo")]
    [InlineData("--deadline: 2020-01-01T00:00:00Z is over", "submit", "--deadline", "2020-01-01T00:00:00Z", "--", "echo")]
    [InlineData("the deadline is not after start_at", "submit", "--deadline", "1h", "--start-at", "2h", "--", "echo")]
    [InlineData("--max-fails and --fail-fast: give one of them", "submit", "--max-fails", "2", "--fail-fast", "--", "echo")]
    [InlineData("the tag 'a b' is no single word", "submit", "--tag", "a b", "--", "echo")]
    [InlineData("--limit: 'db' is no pair with a whole number: write TAG=N, such as db=4", "submit", "--limit", "db", "--", "echo")]
    [InlineData("--resource: 'lic=many' is no pair with a whole number", "submit", "--resource", "lic=many", "--", "echo")]
    [InlineData("--each-line: nowhere.txt does not exist", "submit", "--each-line", "nowhere.txt", "--", "echo")]
    [InlineData("--null is for what --each-line and '::::' read: give one of them too", "submit", "-0", "--", "echo", ":::", "a")]
    [InlineData("--each-line and --from-json: give one of them", "submit", "--each-line", "a", "--from-json", "b", "--", "echo")]
    [InlineData("--each-line and :::: give one of them", "submit", "--each-line", "a", "--", "echo", ":::", "a")]
    [InlineData("--stdin and --each-line both read standard input", "submit", "--stdin", "-", "--each-line", "-", "--", "echo")]
    [InlineData("can not read nowhere.env: it does not exist", "submit", "--env-file", "nowhere.env", "--", "echo")]
    [InlineData("--inherit-env: the variable 'ARTEL_NO_SUCH' is not set here", "submit", "--inherit-env", "ARTEL_NO_SUCH", "--", "echo")]
    [InlineData("nothing follows '::::': write a file there", "submit", "--", "echo", "::::")]
    [InlineData("argument 1, '{3}': {3} stands for a list that is not there, 2 given", "submit", "--", "echo", "{3}", ":::", "a", ":::", "b")]
    [InlineData("':::+' links to the list before it, and there is none", "submit", "--", "echo", ":::+", "a")]
    [InlineData("{entry} in a task that has no entries", "submit", "--", "echo", "{entry}")]
    [InlineData("--each-line is for a command after '--'", "submit", "--each-line", "a", "map.yaml")]
    [InlineData("1.5 gpus: a whole number of gpus", "submit", "--gpus", "1.5", "--", "echo")]
    [InlineData("JOB[.TASKS] is missing: artel logs JOB[.TASKS] [options]", "logs")]
    [InlineData("JOB is missing: artel wait JOB… [options]", "wait", "--json")]
    [InlineData("give a map, or '--' and a command", "run")]
    [InlineData("nothing follows '--'", "run", "--")]
    [InlineData("'echo hello …' is no map: write '--' before a command", "run", "echo", "hello")]
    [InlineData("give a map (map.yaml) or a command after '--', not both", "run", "map.yaml", "--", "echo")]
    [InlineData("--array is for a command after '--'", "submit", "--array", "1-3", "map.yaml")]
    [InlineData("nowhere.yaml does not exist: name a map or a script", "run", "nowhere.yaml")]
    [InlineData("the name of the file is empty: name a map or a script", "run", "")]
    [InlineData("the name of the file is empty: name a map or a script", "map", "check", "")]
    [InlineData("--stdin is empty: name a file", "submit", "--stdin", "", "--", "true")]
    [InlineData("--each-line is empty: name a file", "submit", "--each-line", "", "--", "true")]
    [InlineData("::::: the name of the file is empty", "submit", "--", "echo", "::::", "")]
    [InlineData("--env-file is empty: name a file", "submit", "--env-file", "", "--", "true")]
    [InlineData("--script is empty: name a file", "retry", "1", "--script", "")]
    [InlineData("--to is empty: name a folder", "fetch", "1", "--to", "")]
    [InlineData("--data is empty: name a folder", "up", "--data", "")]
    [InlineData("--data is empty: name a folder", "server", "start", "--data", "")]
    [InlineData("--data is empty: name a folder", "node", "start", "--data", "")]
    [InlineData("{index} in a task that is no array", "run", "--", "echo", "{index}")]
    [InlineData("there is no command 'artel sumbit': did you mean 'submit'?", "sumbit")]
    [InlineData("there is no command 'artel node frobnicate'", "node", "frobnicate")]
    [InlineData("--role: 'boss' is none of viewer, user, admin, node", "token", "create", "--role", "boss")]
    [InlineData("--uses is only for --role node", "token", "create", "--role", "user", "--uses", "3")]
    [InlineData("--uses: '0' must be a whole number from 1 to 1000000, or 'unlimited'", "token", "create", "--role", "node", "--uses", "0")]
    [InlineData("--uses unlimited and --id: a token for one node has a number of uses", "token", "create", "--role", "node", "--uses", "unlimited", "--id", "7")]
    [InlineData("--id is only for --role node", "token", "create", "--role", "user", "--id", "7")]
    [InlineData("--overlap and --now: give one of them", "server", "rotate-key", "--overlap", "1d", "--now")]
    [InlineData("'tcsh' is no shell that is known here", "completion", "tcsh")]
    [InlineData("artel ls has no option '--nme': did you mean '--name'?", "ls", "--nme", "x")]
    [InlineData("artel ls has no option '--colour': 'artel ls --help' lists them", "ls", "--colour=red")]
    [InlineData("artel submit has no option '--arry': did you mean '--array'?", "submit", "--arry", "1-3", "--", "echo")]
    [InlineData("artel run has no option '--retires': did you mean '--retries'?", "run", "--retires=3", "--", "echo")]
    [InlineData("artel node has no option '--all': 'artel node --help' lists them", "node", "--all")]
    [InlineData("--name needs a value: --name GLOB", "ls", "--name")]
    [InlineData("--tag needs a value: --tag TAG", "submit", "--tag=", "--", "echo")]
    [InlineData("--to DIR is missing: artel fetch JOB[.TASKS] --to DIR [options]", "fetch", "12")]
    [InlineData("'more' is one word too many: artel ls [options]", "ls", "more")]
    [InlineData("--state: 'running' is none of succeeded, failed, cancelled", "history", "--state", "running")]
    [InlineData("--tail: 'x' says no lines and no bytes: write lines like 20, or bytes like 4KiB", "logs", "1", "--tail", "x")]
    [InlineData("--job: 'x' is no job: a job is a number, such as 12, or 'last'", "events", "--job", "x")]
    [InlineData("'cpus' is no counter: every node has it: needs: { cpus: … }, or --cpus", "submit", "--resource", "cpus=2", "--", "echo")]
    public async Task Wrong_usage_says_what_would_be_right(string message, params string[] args)
    {
        var status = await _artel.RunAsync(args);

        Assert.Equal(ExitStatus.WrongUsage, status);
        Assert.Contains(message, Assert.Single(_artel.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Empty(_artel.Output);
    }

    [Fact]
    public async Task Without_a_cluster_the_next_command_is_named()
    {
        var status = await _artel.RunAsync("ls");

        Assert.Equal(ExitStatus.NoCluster, status);
        Assert.Contains("artel up", _artel.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_is_named_with_where_it_came_from()
    {
        // Port 9 of loopback: nothing listens there.
        _artel.With("ARTEL_TOKEN", SomeTickets.For("127.0.0.1:9"));

        var status = await _artel.RunAsync("ls");

        Assert.Equal(ExitStatus.NoCluster, status);
        Assert.Contains("no cluster at 127.0.0.1:9 (from ARTEL_TOKEN): nothing listens there", _artel.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_token_is_not_allowed_in_and_not_shown()
    {
        _artel.With("ARTEL_TOKEN", "artel_c2VjcmV0");

        var status = await _artel.RunAsync("ls");

        Assert.Equal(ExitStatus.NotAllowed, status);
        Assert.Contains("ARTEL_TOKEN: this Artel token is damaged", _artel.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", _artel.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_of_a_map_are_told_all_at_once_with_their_places()
    {
        var map = _artel.WriteFile("map.yaml", "tasks:\n  - run: []\n  - runn: [echo]\n");

        var status = await _artel.RunAsync("run", map);

        Assert.Equal(ExitStatus.WrongUsage, status);
        Assert.Contains($"{map}:2:", _artel.Error, StringComparison.Ordinal);
        Assert.Contains($"{map}:3:", _artel.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was submitted", _artel.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_without_a_command_shows_its_page()
    {
        var status = await _artel.RunAsync("token");

        Assert.Equal(ExitStatus.WrongUsage, status);
        Assert.Contains("create", _artel.Output, StringComparison.Ordinal);
    }
}
