namespace Artel.Protocol.Tests.Maps;

/// <summary>What people write by mistake, and exactly what they are told.</summary>
public sealed class WrongMapTests
{
    private const string ArrayHint = "write the program and its arguments, like [./simulate, --seed, 1]";
    private const string IndexHint = "write indices like '5', '1-100' or '1-10:2,20'";
    private const string NodeRule = "a node id is 1 to 64 letters, digits, '-', '_' or '.', and begins with none of '-' and '.'";

    /// <summary>Name of the mistake, the map, what is told.</summary>
    public static TheoryData<string, string, string> Table => new()
    {
        // not a map at all
        { "empty", "", "1:1: the map is empty: write at least one task, like 'tasks: [[echo, hello]]'" },
        { "only a comment", "# later\n", "1:1: the map is empty: write at least one task, like 'tasks: [[echo, hello]]'" },
        { "text", "hello", "1:1: the map is a single value: a map is a table with the keys tasks, nodes and others, like 'tasks: [[echo, hello]]'" },
        { "a list", "- [a]", "1:1: the map is a list: a map is a table with the keys tasks, nodes and others, like 'tasks: [[echo, hello]]'" },
        { "two documents", "tasks: [[a]]\n---\ntasks: [[b]]", "2:1: a second document ('---') begins here: one file is one map" },
        { "a NUL in the file", "tasks:\n  - [a\0]", "2:7: the map holds a NUL character: save it as UTF-8 text; is it a map at all?" },

        // not YAML
        { "an open quote", "tasks: \"abc", "1:8: this is not YAML: while scanning a quoted scalar, found unexpected end of stream: check the indentation, brackets and quotes before this place" },
        { "a colon in text", "name: a: b", "1:8: this is not YAML: while scanning a plain scalar value, found invalid mapping: check the indentation, brackets and quotes before this place" },
        { "a tab", "tasks:\n\t- [a]", "2:1: a tab as indentation, which YAML does not allow: indent with spaces" },
        { "a tag", "tasks: [[a, !!int 3]]", "1:13: the tag '!!int': a map has no tags: write the plain value" },
        { "an unknown alias", "tasks: [[rm, *.o]]", "1:14: unknown alias '*.o': define it before with '&.o', or quote the text if it is none" },
        { "an alias of itself", "tasks: &x [*x]", "1:12: unknown alias '*x': define it before with '&x', or quote the text if it is none" },
        { "a list as key", "? [a]\n: b\ntasks: [[a]]", "1:3: a key is a list: a key is a single word" },

        // keys
        { "a slip in a key of the map", "task: [[a]]", "1:1: unknown key 'task': did you mean 'tasks'?" },
        { "a slip in a key of a task", "tasks:\n  - run: [a]\n    retires: 2", "3:5: unknown key 'retires' in a task: did you mean 'retries'?" },
        { "a key of another program", "tasks: [{command: [a]}]", "1:10: unknown key 'command' in a task: did you mean 'run'?" },
        { "a key like nothing", "tasks: [[a]]\nxyzzy: 1", "2:1: unknown key 'xyzzy': one of name, priority, hold, start_at, deadline, max_fails, fail_fast, tags, limits, after, defaults, nodes, tasks, on_end" },
        { "a task's key on the map", "timeout: 1m\ntasks: [[a]]", "1:1: unknown key 'timeout': it belongs to a task, or under 'defaults' for all tasks" },
        { "a map's key in a task", "tasks: [{run: [a], priority: 1}]", "1:20: unknown key 'priority' in a task: it belongs to the whole map, not to a task" },
        { "cpus outside needs", "tasks: [{run: [a], cpus: 1}]", "1:20: unknown key 'cpus' in a task: it belongs under 'needs', like needs: { cpus: … }" },
        { "factor outside retry", "tasks: [{run: [a], factor: 1}]", "1:20: unknown key 'factor' in a task: it belongs under 'retry', like retry: { factor: … }" },
        { "a counter outside counters", "tasks: [{run: [a], needs: {licences: 1}}]", "1:28: unknown key 'licences' in needs: things of your own are counters, like counters: { licences: 1 }" },
        { "a slip in needs", "tasks: [{run: [a], needs: {memry: 1k}}]", "1:28: unknown key 'memry' in needs: did you mean 'memory'?" },
        { "a slip in retry", "tasks: [{run: [a], retry: {bakoff: 1s}}]", "1:28: unknown key 'bakoff' in retry: did you mean 'backoff'?" },
        { "a slip in a node", "nodes: {1: {atonce: 2, tasks: [[a]]}}", "1:13: unknown key 'atonce' in the list of node 1: did you mean 'at_once'?" },
        { "a slip in a retry on the task", "tasks: [{run: [a], retryon: 7}]", "1:20: unknown key 'retryon' in a task: did you mean 'retry_on'?" },
        { "a pause outside retry", "tasks: [{run: [a], jitter: 1}]", "1:20: unknown key 'jitter' in a task: it belongs under 'retry', like retry: { jitter: … }" },

        // what is retried
        { "no exit status", "tasks: [{run: [a], retry_on: [7, always]}]", "1:34: retry_on: 'always' is no exit status: write exit statuses like '7' or '100-120', or one of signal, timeout, not-started, out-of-memory" },
        { "a slip in a way to fail", "tasks: [{run: [a], no_retry_on: timout}]", "1:33: no_retry_on: 'timout' is no exit status: did you mean 'timeout'?" },
        { "success retried", "tasks: [{run: [a], retry_on: 0-3}]", "1:30: retry_on: exit status 0 is success, which is never tried again: write statuses from 1" },
        { "statuses that go down", "tasks: [{run: [a], retry_on: [9-3]}]", "1:31: retry_on: '9-3' goes down: write '3-9'" },
        { "nothing named", "tasks: [{run: [a], retry_on: []}]", "1:30: retry_on: it names nothing: write exit statuses like '7' or '100-120', or one of signal, timeout, not-started, out-of-memory, or leave it out" },
        { "a status in both", "tasks:\n  - run: [a]\n    retry_on: [1-10, signal]\n    no_retry_on: [64, 7-20]", "4:18: exit status 7-10 is in both retry_on and no_retry_on: take it out of one of them" },
        { "a word in both", "tasks: [{run: [a], retry: {retry_on: [signal], no_retry_on: signal}}]", "1:61: 'signal' is in both retry_on and no_retry_on: take it out of one of them" },
        { "a default against a task", "defaults: {no_retry_on: 7}\ntasks: [{run: [a], retry_on: 7}]", "1:25: exit status 7 is in both retry_on and no_retry_on: take it out of one of them" },
        { "the same twice", "tasks: [{run: [a], retry_on: 7, retry: {retry_on: 8}}]", "1:41: 'retry_on' is given twice: in line 1 it is given already" },
        { "jitter out of range", "tasks: [{run: [a], retry: {jitter: 1.5}}]", "1:36: jitter is out of range: a number from 0 to 1: the part of a pause that is left to chance" },
        { "another node for a list", "nodes: {1: [{run: [a], avoid_same_node: true}]}", "1:41: avoid_same_node in a node's list, whose tasks keep to their node: leave it out, or put the task under 'tasks', where any fitting node may take it" },
        { "a merge key", "tasks: [{<<: {}, run: [a]}]", "1:10: unknown key '<<' in a task: merge keys are not supported: put what tasks share under 'defaults'" },
        { "a key twice", "tasks: [[a]]\nname: x\nname: y", "3:1: duplicate key 'name': it is given in line 2 already" },
        { "a node twice", "nodes:\n  1: [[a]]\n  1: [[b]]", "3:3: duplicate key '1': it is given in line 2 already" },
        { "a default that can be none", "defaults: {run: [a]}\ntasks: [[a]]", "1:12: 'run' can not be a default: give it to each task" },

        // run
        { "no run", "tasks:\n  - name: a", "2:5: the task has no 'run': write the program and its arguments, like run: [./simulate, --seed, 1]" },
        { "an empty run", "tasks: [{run: []}]", $"1:15: run is empty: {ArrayHint}" },
        { "an empty array as task", "tasks: [[]]", $"1:9: run is empty: {ArrayHint}" },
        { "run without a value", "tasks:\n  - run:", "2:9: run is nothing: write a list, like [./simulate, --seed, 1]" },
        { "run as one text", "tasks: [{run: ./simulate --seed 1}]", "1:15: run is one text, './simulate --seed 1', not an argument array: write [./simulate, --seed, 1]" },
        { "run as a shell line", "tasks: [{run: \"ls | wc -l\"}]", "1:15: run is one text, 'ls | wc -l', not an argument array: write the program and its arguments as a list, or for a shell [sh, -c, 'ls | wc -l']" },
        { "a task as one text", "tasks: [echo hello]", "1:9: a task is 'echo hello': write [echo, hello]" },
        { "no program", "tasks: [['', x]]", "1:10: the program's name is empty: the first item of run is the program" },
        { "a missing argument", "tasks: [[a, null]]", "1:13: argument 1 of run is 'null', which means nothing in YAML: quote it to mean the text: 'null'" },
        { "a list as argument", "tasks: [[a, [b]]]", "1:13: argument 1 of run is a list: write a single value" },
        { "a NUL in an argument", "tasks: [[a, \"x\\0\"]]", "1:13: argument 1 holds a NUL character, which no argument, variable or path can: take it out, or pass it in stdin or a file" },
        { "an index without an array", "tasks: [[a, 'n={index}']]", "1:13: argument 1, 'n={index}': {index} in a task that is no array: give the task an array, like 'array: 1-100' or --array 1-100, or write {{index}} for the text {index}" },

        // lists and tables
        { "tasks as a table", "tasks: {run: [a]}", "1:8: tasks is a table of keys: write a list, like [[./simulate, --seed, 1]]" },
        { "no tasks", "name: x", "1:1: there are no tasks: write at least one, under 'tasks' or under 'nodes'" },
        { "empty lists only", "nodes: {1: []}\ntasks: []", "1:1: there are no tasks: write at least one, under 'tasks' or under 'nodes'" },
        { "nodes as a list", "nodes: [[a]]", "1:8: nodes is a list: write a table, like { 1: [[./simulate, --seed, 1]] }" },
        { "a node without tasks", "nodes: {1: {at_once: 2}}", "1:9: the list of node 1 has no 'tasks': write a list of tasks, or { at_once: 4, tasks: [ … ] }" },
        { "a wrong node id", "nodes: {a b: [[a]]}", $"1:9: wrong node id 'a b': {NodeRule}" },
        { "a node id that is a path", "nodes: {../x: [[a]]}", $"1:9: wrong node id '../x': {NodeRule}" },
        { "at_once of 0", "nodes: {1: {at_once: 0, tasks: [[a]]}}", "1:22: at_once is out of range: a whole number from 1 to 100,000" },

        // names and order
        { "a name twice", "tasks: [{name: a, run: [x]}, {name: a, run: [y]}]", "1:37: a second task is named 'a': a name is given once; leave it out where nothing refers to it" },
        { "a blank name", "tasks: [{name: ' ', run: [x]}]", "1:16: the name is blank: write a word, or leave it out" },
        { "after a missing task", "tasks: [{name: fold, run: [x]}, {run: [y], after: [fodl]}]", "1:52: no task is named 'fodl': did you mean 'fold'?" },
        { "after nothing like it", "tasks: [{name: fold, run: [x]}, {run: [y], after: report}]", "1:51: no task is named 'report': after takes names of tasks of this map" },
        { "after itself", "tasks: [{name: a, run: [x], after: a}]", "1:36: 'a' waits for itself: take its own name out of 'after'" },
        { "a circle", "tasks: [{name: a, run: [x], after: c}, {name: b, run: [x], after: a}, {name: c, run: [x], after: b}]", "1:36: tasks wait for each other in a circle: 'a' → 'c' → 'b' → 'a': take one of these names out of 'after'" },
        { "a circle through a list", "nodes:\n  1:\n    - {name: a, run: [x], after: c}\n    - [y]\n    - {name: c, run: [z]}", "3:34: tasks wait for each other in a circle: 'a' → 'c' → 'a': take one step out of it; the tasks of a node's list start in their order" },

        // arrays
        { "an array of nothing", "tasks: [{run: [a], array: ''}]", $"1:27: array: an index is missing: {IndexHint}" },
        { "an empty array", "tasks: [{run: [a], array: []}]", "1:27: an array without indices: write at least one, like '1-100'" },
        { "an array of words", "tasks: [{run: [a], array: many}]", $"1:27: array: 'many' is no index or range: {IndexHint}" },
        { "an open range", "tasks: [{run: [a], array: 1-}]", $"1:27: array: '1-' is no index or range: {IndexHint}" },
        { "a step of 0", "tasks: [{run: [a], array: '1-9:0'}]", $"1:27: array: '1-9:0' is no index or range: {IndexHint}" },
        { "a negative index", "tasks: [{run: [a], array: -5}]", $"1:27: array: '-5' is no index or range: {IndexHint}" },
        { "a descending array", "tasks: [{run: [a], array: 10-1}]", "1:27: '10-1' goes down: write '1-10'" },
        { "an index twice", "tasks: [{run: [a], array: '1-10:3,7'}]", "1:27: index 7 is in it twice: name every index once" },
        { "100 million indices", "tasks: [{run: [a], array: 1-100000000}]", "1:27: 100,000,000 indices are more than a job can have (20,000,000)" },
        { "too many in all", "tasks: [{run: [a], array: 1-15000000}, {run: [a], array: 1-15000000}]", "1:58: with this task the job has more than 20,000,000 tasks: split it into several jobs" },
        { "an index beyond all", "tasks: [{run: [a], array: 9000000000000000}]", "1:27: index 9,000,000,000,000,000 is too large: at most 1,000,000,000,000,000" },

        // options
        { "a duration without unit", "tasks: [{run: [a], timeout: 10}]", "1:29: timeout '10' has no unit: write '10s' for seconds, or use ms, m, h, d" },
        { "a wrong duration", "tasks: [{run: [a], grace: soon}]", "1:27: grace 'soon' is no duration: write one like '500ms', '10s', '1h30m' or '2d'" },
        { "a timeout of 0", "tasks: [{run: [a], timeout: 0s}]", "1:29: timeout is out of range: a duration longer than 0, at most 3650d" },
        { "a wrong size", "tasks: [{run: [a], needs: {memory: 4 gigs}}]", "1:36: memory '4 gigs' is no size: write one like '4GiB', '512MB', '100k' or a number of bytes" },
        { "an output limit of 0", "tasks: [{run: [a], output_limit: 0}]", "1:34: output_limit is 0: a size from 1 byte, or leave it out for 64MiB" },
        { "a wrong number of cpus", "tasks: [{run: [a], needs: {cpus: many}}]", "1:34: cpus 'many' is no amount: write a number like '2' or '0.5'" },
        { "cpus too fine", "tasks: [{run: [a], needs: {cpus: 0.0001}}]", "1:34: cpus '0.0001' is finer than a thousandth: write at most three decimals" },
        { "a negative counter", "tasks: [{run: [a], needs: {counters: {seats: -1}}}]", "1:39: the counter seats is negative: a whole number from 0" },
        { "negative retries", "tasks: [{run: [a], retries: -1}]", "1:29: retries is out of range: a whole number from 0 to 100,000" },
        { "retries of any size", "tasks: [{run: [a], retries: 99999999999999999999}]", "1:29: retries is out of range: a whole number from 0 to 100,000" },
        { "retries in words", "tasks: [{run: [a], retries: twice}]", "1:29: retries is 'twice': write a whole number" },
        { "retry as a number", "tasks: [{run: [a], retry: 3}]", "1:27: retry is '3': write retries: 3" },
        { "retries in both places", "tasks: [{run: [a], retries: 1, retry: {retries: 2}}]", "1:40: 'retries' is given twice: in line 1 it is given already" },
        { "a factor of 0", "tasks: [{run: [a], retry: {factor: 0}}]", "1:36: factor is out of range: a number from 1 to 1000" },
        { "a backoff beyond its maximum", "tasks: [{run: [a], retry: {backoff: 10m}}]", "1:37: backoff 10m is longer than max_backoff 5m (the default): give a max_backoff of at least 10m" },
        { "a priority out of range", "priority: 1001\ntasks: [[a]]", "1:11: the priority is out of range: a whole number from -1000 to 1000; higher goes first" },
        { "a truth value in words", "hold: yes\ntasks: [[a]]", "1:7: hold is 'yes': write true or false" },
        { "an unknown policy", "tasks: [{run: [a], on_node_lost: requeu}]", "1:34: on_node_lost is 'requeu': did you mean 'requeue'?" },
        { "env as a list", "tasks: [{run: [a], env: [A=1]}]", "1:25: env is a list: write a table, like { SEED: 1 }" },
        { "an equals sign in a variable's name", "tasks: [{run: [a], env: {A=B: 1}}]", "1:26: wrong variable name 'A=B': a name is not empty and has no '=' in it" },
        { "a variable without value", "tasks: [{run: [a], env: {A: }}]", "1:29: the variable A is missing: write a value, or '' for an empty text" },
        { "a NUL in a variable", "tasks: [{run: [a], env: {A: \"\\0\"}}]", "1:26: the variable A holds a NUL character, which no argument, variable or path can: take it out, or pass it in stdin or a file" },
        { "a variable of Artel's own", "tasks: [{run: [a], env: {ARTEL_NODE: x}}]", "1:26: ARTEL_NODE is set by Artel for every task: choose another name" },
        { "an index in a variable", "tasks: [{run: [a], env: {A: '{index}'}}]", "1:26: the variable A, '{index}': {index} in a task that is no array: give the task an array, like 'array: 1-100' or --array 1-100, or write {{index}} for the text {index}" },
        { "a home directory", "tasks: [{run: [a], cwd: ~/data}]", "1:25: cwd '~/data': no shell reads it, so ~ and variables are not replaced: the path itself" },
        { "an index in a directory", "tasks: [{run: [a], cwd: 'x/{index}'}]", "1:25: the working directory, '/maps/x/{index}': {index} in a task that is no array: give the task an array, like 'array: 1-100' or --array 1-100, or write {{index}} for the text {index}" },
        { "standard input twice", "tasks:\n  - run: [a]\n    stdin: x\n    stdin_file: /dev/null", "4:5: both 'stdin' and 'stdin_file': give one of them" },
        { "a missing file", "tasks: [{run: [a], stdin_file: nowhere.txt}]", "1:32: stdin_file 'nowhere.txt' does not exist: a path relative to the map's folder, /maps" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_mistake_is_told_with_its_place_and_its_remedy(string mistake, string map, string told)
    {
        _ = mistake;

        Assert.Equal([$"sweep.yaml:{told}"], Map.Mistakes(map));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_the_text()
    {
        const string Text = """
            name: sweep
            priority: high
            nodes:
              bad id:
                - echo hello
              2:
                at_once: 0
                tasks: [[a, "{index}"]]
            tasks:
              - name: fold
                run: [a]
                retires: 2
                timeout: 10
                array: 5-1
              - name: fold
                run: []
                after: [fodl, fold]
            """;

        Assert.Equal(
            [
                "sweep.yaml:2:11: priority is 'high': write a whole number",
                $"sweep.yaml:4:3: wrong node id 'bad id': {NodeRule}",
                "sweep.yaml:5:7: a task is 'echo hello': write [echo, hello]",
                "sweep.yaml:7:14: at_once is out of range: a whole number from 1 to 100,000",
                "sweep.yaml:8:17: argument 1, '{index}': {index} in a task that is no array: give the task an array, like 'array: 1-100' or --array 1-100, or write {{index}} for the text {index}",
                "sweep.yaml:12:5: unknown key 'retires' in a task: did you mean 'retries'?",
                "sweep.yaml:13:14: timeout '10' has no unit: write '10s' for seconds, or use ms, m, h, d",
                "sweep.yaml:14:12: '5-1' goes down: write '1-5'",
                "sweep.yaml:15:11: a second task is named 'fold': a name is given once; leave it out where nothing refers to it",
                $"sweep.yaml:16:10: run is empty: {ArrayHint}",
                "sweep.yaml:17:13: no task is named 'fodl': did you mean 'fold'?",
            ],
            Map.Mistakes(Text));
    }

    [Fact]
    public void A_mistake_in_the_defaults_is_told_once_and_where_it_is_written()
    {
        const string Text = "defaults: { retries: -1, env: { 'A=B': 1 }, timeout: 10 }\ntasks: [[a], [b], { run: [c], env: { C: 1 } }]";

        Assert.Equal(
            [
                "sweep.yaml:1:22: retries is out of range: a whole number from 0 to 100,000",
                "sweep.yaml:1:33: wrong variable name 'A=B': a name is not empty and has no '=' in it",
                "sweep.yaml:1:54: timeout '10' has no unit: write '10s' for seconds, or use ms, m, h, d",
            ],
            Map.Mistakes(Text));
    }
}
