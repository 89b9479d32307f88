using System.Text;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Protocol.Tests.Maps;

public sealed class MapParserTests
{
    [Fact]
    public void The_map_of_the_design_is_read()
    {
        var job = Map.Job("""
            name: sweep
            defaults: { retries: 2, timeout: 10m }
            nodes:                          # assigned tasks: node id -> its tasks, in order, one at a time
              1:
                - [./simulate, --seed, "1"]           # short form: the argument array
                - run: [./simulate, --seed, "2"]      # long form
                  timeout: 30m
              2:
                at_once: 4                            # or several at a time
                tasks:
                  - [./simulate, --seed, "3"]
            tasks:                          # tasks that any fitting node may take
              - name: fold
                run: [python3, fold.py, "{index}"]
                array: 1-100
                needs: { cpus: 2, memory: 4GiB }
                labels: { os: linux }
              - name: report
                run: [./report]
                after: [fold]
            """);

        Assert.Equal("sweep", job.Name);
        Assert.Equal(["1", "2"], job.Sections.Select(section => section.Node));
        Assert.Equal([0, 4], job.Sections.Select(section => section.AtOnce));
        Assert.Equal(["./simulate", "--seed", "1"], job.Sections[0].Tasks[0].Run);
        Assert.Equal(600, job.Sections[0].Tasks[0].Timeout.Seconds);
        Assert.Equal(1800, job.Sections[0].Tasks[1].Timeout.Seconds);
        Assert.All(job.Sections.SelectMany(section => section.Tasks).Concat(job.Tasks), task => Assert.Equal(2, task.Retry.Retries));
        Assert.Equal("1-100", IndexSets.Format(job.Tasks[0].Array));
        Assert.Equal(2000, job.Tasks[0].Needs.MilliCpus);
        Assert.Equal(4L << 30, job.Tasks[0].Needs.MemoryBytes);
        Assert.Equal("linux", job.Tasks[0].Labels["os"]);
        Assert.Equal([new Dependency { Name = "fold" }], job.Tasks[1].After);
    }

    [Fact]
    public void Every_key_of_a_task_reaches_the_job()
    {
        var job = Map.Job("""
            priority: -5
            hold: true
            tasks:
              - name: all
                run: [a]
                array: 1-10:2,20
                env: { SEED: 1, EMPTY: "" }
                cwd: /data/{index}
                stdin: |
                  two
                  lines
                needs: { cpus: 0.5, memory: 512MB, gpus: 1, counters: { licences: 2 } }
                labels: { rack: 4 }
                retry: { retries: 3, backoff: 500ms, factor: 1.5, max_backoff: 1h30m }
                timeout: 2d
                grace: 0
                after: first
                on_node_lost: fail
                output_limit: 1GiB
              - { name: first, run: [b] }
            """);

        var task = job.Tasks[0];
        Assert.Equal((-5, true), (job.Priority, job.Hold));
        Assert.Equal("1-10:2,20", IndexSets.Format(task.Array));
        Assert.Equal(("1", ""), (task.Env["SEED"], task.Env["EMPTY"]));
        Assert.Equal("/data/{index}", task.Cwd);
        Assert.Equal("two\nlines\n", task.Stdin.ToStringUtf8());
        Assert.Equal((500, 512_000_000L, 1000), (task.Needs.MilliCpus, task.Needs.MemoryBytes, task.Needs.MilliGpus));
        Assert.Equal(2, task.Needs.Counters["licences"]);
        Assert.Equal("4", task.Labels["rack"]);
        Assert.Equal((3, 1.5), (task.Retry.Retries, task.Retry.Factor));
        Assert.Equal(TimeSpan.FromMilliseconds(500), task.Retry.Backoff.ToTimeSpan());
        Assert.Equal(TimeSpan.FromMinutes(90), task.Retry.MaxBackoff.ToTimeSpan());
        Assert.Equal(TimeSpan.FromDays(2), task.Timeout.ToTimeSpan());
        Assert.Equal(TimeSpan.Zero, task.Grace.ToTimeSpan());
        Assert.Equal([new Dependency { Name = "first" }], task.After);
        Assert.Equal(OnNodeLost.Fail, task.OnNodeLost);
        Assert.Equal(1L << 30, task.OutputLimit);
    }

    [Fact]
    public void What_is_not_given_is_not_set_on_the_wire()
    {
        var task = Map.Job("tasks: [[a]]").Tasks[0];

        Assert.False(task.HasStdin);
        Assert.Null(task.Array);
        Assert.Null(task.Needs);
        Assert.Null(task.Retry);
        Assert.Null(task.Timeout);
        Assert.Null(task.Grace);
        Assert.Equal(OnNodeLost.Unspecified, task.OnNodeLost);
        Assert.Equal(0, task.OutputLimit);
    }

    [Fact]
    public void Arguments_are_taken_as_they_are_written()
    {
        var job = Map.Job("""tasks: [[a, 1, 1.0, 007, true, No, 0x1F, 1e3, 2026-01-01, "", ' x ', "null", -v, "a\tb"]]""");

        Assert.Equal(
            ["a", "1", "1.0", "007", "true", "No", "0x1F", "1e3", "2026-01-01", "", " x ", "null", "-v", "a\tb"],
            job.Tasks[0].Run);
    }

    [Fact]
    public void Any_script_and_emoji_go_through_unchanged()
    {
        var job = Map.Job("""
            name: расчёт 计算 🧮
            defaults: { cwd: папка/文件夹 }
            nodes:
              узел-1: [[./счёт, привет, 你好, 🙂]]
            tasks:
              - { name: 🐦, run: [a], env: { ИМЯ: 名前 }, labels: { место: 東京 }, stdin: "\U0001F642" }
              - { run: [b], after: 🐦 }
            """);

        Assert.Equal("расчёт 计算 🧮", job.Name);
        Assert.Equal("узел-1", job.Sections[0].Node);
        Assert.Equal(["./счёт", "привет", "你好", "🙂"], job.Sections[0].Tasks[0].Run);
        Assert.Equal("/maps/папка/文件夹", job.Sections[0].Tasks[0].Cwd);
        Assert.Equal("名前", job.Tasks[0].Env["ИМЯ"]);
        Assert.Equal("🙂", job.Tasks[0].Stdin.ToStringUtf8());
        Assert.Equal([new Dependency { Name = "🐦" }], job.Tasks[1].After);
    }

    [Fact]
    public void Json_of_the_same_shape_is_a_map()
    {
        var job = Map.Job("{\n\t\"$schema\": \"map.schema.json\",\n\t\"tasks\": [\n\t\t{\"run\":[\"a\\/b\",\"\\ud83d\\ude42\",\"\\u0416\"],\"array\":\"1-3\",\"retries\":2}\n\t]\n}");

        Assert.Equal(["a/b", "🙂", "Ж"], job.Tasks[0].Run);
        Assert.Equal(2, job.Tasks[0].Retry.Retries);
    }

    [Fact]
    public void A_task_hides_the_defaults_and_adds_to_their_tables()
    {
        var job = Map.Job("""
            defaults:
              env: { A: 1, B: 1 }
              labels: { os: linux }
              needs: { cpus: 2, counters: { licences: 1 } }
              retry: { backoff: 5s }
              retries: 1
              timeout: 1m
              cwd: scratch
              stdin: x
            tasks:
              - run: [a]
                env: { B: 2 }
                labels: { rack: 4 }
                needs: { memory: 1k, counters: { seats: 2 } }
                retries: 7
                timeout: 2m
                cwd: .
                stdin: y
              - [b]
            """);

        var task = job.Tasks[0];
        Assert.Equal(("1", "2"), (task.Env["A"], task.Env["B"]));
        Assert.Equal(("linux", "4"), (task.Labels["os"], task.Labels["rack"]));
        Assert.Equal((2000, 1000L), (task.Needs.MilliCpus, task.Needs.MemoryBytes));
        Assert.Equal((1, 2), (task.Needs.Counters["licences"], task.Needs.Counters["seats"]));
        Assert.Equal((7, 5L), (task.Retry.Retries, task.Retry.Backoff.Seconds));
        Assert.Equal(120, task.Timeout.Seconds);
        Assert.Equal(("/maps", false), (task.Cwd, task.Scratch));
        Assert.Equal("y", task.Stdin.ToStringUtf8());
        Assert.Equal(("", true), (job.Tasks[1].Cwd, job.Tasks[1].Scratch));
        Assert.Equal("1", job.Tasks[1].Env["B"]);
    }

    [Theory]
    [InlineData("cwd: .", "/maps")]
    [InlineData("cwd: ./data", "/maps/data")]
    [InlineData("cwd: ../data", "/data")]
    [InlineData("cwd: 'runs/{index}', array: 1-2", "/maps/runs/{index}")]
    [InlineData("cwd: /data", "/data")]
    [InlineData(@"cwd: 'C:\data'", @"C:\data")]
    [InlineData("name: without", "/here")]
    public void A_relative_directory_begins_at_the_map_and_no_directory_is_where_the_user_stands(string keys, string directory) =>
        Assert.Equal(directory, Map.Task(keys).Cwd);

    [Fact]
    public void The_context_of_a_file_is_its_folder()
    {
        var context = MapContext.ForFile("maps/sweep.yaml", "/here");

        Assert.Equal(("/here/maps", "/here"), (context.MapDirectory, context.SubmissionDirectory));
    }

    [Theory]
    [InlineData("5", "5")]
    [InlineData("1-100", "1-100")]
    [InlineData("'1-10:2,20'", "1-10:2,20")]
    [InlineData("[1, 2, 3, 7-9, '20-30:5']", "1-3,7-9,20-30:5")]
    [InlineData("[0]", "0")]
    public void An_array_is_given_as_a_number_a_text_or_a_list(string array, string indices) =>
        Assert.Equal(indices, IndexSets.Format(Map.Task($"array: {array}").Array));

    [Fact]
    public void An_alias_stands_for_what_it_repeats()
    {
        var job = Map.Job("""
            tasks:
              - &first { name: one, run: &args [a, b], env: &env { A: 1 } }
              - { name: two, run: *args, env: *env }
              - *args
            """);

        Assert.All(job.Tasks, task => Assert.Equal(["a", "b"], task.Run));
        Assert.Equal("1", job.Tasks[1].Env["A"]);
    }

    [Fact]
    public void Standard_input_comes_from_a_file_beside_the_map()
    {
        var folder = Directory.CreateTempSubdirectory("artel-map-");
        try
        {
            byte[] bytes = [0, 0xFF, (byte)'a'];
            File.WriteAllBytes(Path.Combine(folder.FullName, "ввод.bin"), bytes);
            var context = MapContext.ForFile(Path.Combine(folder.FullName, "m.yaml"), "/here");

            var result = MapParser.Parse("tasks: [{ run: [a], stdin_file: ввод.bin }]", "m.yaml", context);

            Assert.Empty(result.Mistakes);
            Assert.Equal(bytes, result.Job!.Tasks[0].Stdin.ToByteArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Standard_input_from_a_file_is_bounded()
    {
        var folder = Directory.CreateTempSubdirectory("artel-map-");
        try
        {
            using (var file = File.Create(Path.Combine(folder.FullName, "big")))
                file.SetLength(JobLimits.MaxStdinBytes + 1);
            var context = MapContext.ForFile(Path.Combine(folder.FullName, "m.yaml"), "/here");

            var result = MapParser.Parse("tasks: [{ run: [a], stdin_file: big }]", "m.yaml", context);

            Assert.Equal(
                "m.yaml:1:33: stdin_file 'big' is larger than 16MiB: let the task read the file",
                Assert.Single(result.Mistakes).ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_map_that_has_no_place_reads_no_files_and_knows_no_relative_paths()
    {
        var result = MapParser.Parse("tasks: [{ run: [a], stdin_file: /etc/passwd, cwd: x }, [b]]", "typed", MapContext.Detached);

        Assert.Equal(
            [
                "typed:1:33: stdin_file is read by the one who submits, and this map is in no folder: give the text itself as 'stdin'",
                "typed:1:51: cwd 'x' is relative to the map's folder, and this map is in none: an absolute path",
            ],
            result.Mistakes.Select(mistake => mistake.ToString()));
        Assert.Equal("", MapParser.Parse("tasks: [[b]]", "typed", MapContext.Detached).Job!.Tasks[0].Cwd);
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_do_not_matter()
    {
        byte[] text = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("tasks:\r\n  - [a]\r\n  - [b]\r\n")];

        var result = MapParser.Parse(text, "m.yaml", Map.Context);

        Assert.Empty(result.Mistakes);
        Assert.Equal(2, result.Job!.Tasks.Count);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_one_mistake_in_their_place()
    {
        byte[] text = [.. Encoding.UTF8.GetBytes("name: ж\ntasks: [[a, "), 0xFF, .. "]]"u8];

        var result = MapParser.Parse(text, "m.yaml", Map.Context);

        Assert.Null(result.Job);
        Assert.Equal("m.yaml:2:13: the map is not UTF-8 text: save it as UTF-8", Assert.Single(result.Mistakes).ToString());
    }
}
