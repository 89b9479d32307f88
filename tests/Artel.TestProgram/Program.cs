using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;

namespace Artel.TestProgram;

/// <summary>A program that does one thing that the tests of processes want to see. What it prints is UTF-8, lines end in \n.</summary>
internal static class Program
{
    private const string Usage = """
        artel-test-program COMMAND
          echo ARG…                 prints each argument on a line of its own
          env NAME                  prints the value of a variable
          environment               prints all variables
          cwd                       prints the working directory
          cat                       copies standard input to standard output
          bytes HEX                 prints these bytes
          both OUT ERR              prints OUT on standard output and ERR on standard error
          exit STATUS               ends with this status
          sleep SECONDS             prints "ready", then sleeps
          ignore-sigterm SECONDS    the same, not moved by SIGTERM
          polite SECONDS            the same; on SIGTERM prints "goodbye" and ends with 3
          flood BYTES               prints so many bytes
          allocate MIB SECONDS      fills so much memory and keeps it
          map FILE SECONDS          reads a file through its memory and keeps it there
          burn MILLISECONDS         keeps one processor busy
          abort                     ends by SIGABRT
          escape FILE SECONDS       leaves a process behind that has shed all it can of where it came from: parents, session, group,
                                    environment, descriptors, signals. That writes its id to FILE, then sleeps; this ends when it has
        """;

    private static readonly Stream Out = Console.OpenStandardOutput();

    private static unsafe void Fill(nuint bytes) => NativeMemory.Fill(NativeMemory.Alloc(bytes), bytes, 1);

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["echo", .. var words]:
                foreach (var word in words)
                    Print(word);
                return 0;
            case ["env", var name]:
                Print(Environment.GetEnvironmentVariable(name) ?? "(not set)");
                return 0;
            case ["environment"]:
                foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
                    Print($"{entry.Key}={entry.Value}");
                return 0;
            case ["cwd"]:
                Print(Environment.CurrentDirectory);
                return 0;
            case ["cat"]:
                Console.OpenStandardInput().CopyTo(Out);
                return 0;
            case ["bytes", var hex]:
                Out.Write(Convert.FromHexString(hex));
                return 0;
            case ["both", var forOut, var forErr]:
                Print(forOut);
                Console.OpenStandardError().Write(Encoding.UTF8.GetBytes(forErr + "\n"));
                return 0;
            case ["exit", var status]:
                return Number(status);
            case ["sleep", var seconds]:
                Print("ready");
                Wait(seconds);
                return 0;
            case ["ignore-sigterm", var seconds]:
                using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true))
                {
                    Print("ready");
                    Wait(seconds);
                }

                return 0;
            case ["polite", var seconds]:
                using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, SayGoodbye))
                {
                    Print("ready");
                    Wait(seconds);
                }

                return 0;
            case ["flood", var bytes]:
                Flood(long.Parse(bytes, CultureInfo.InvariantCulture));
                return 0;
            case ["allocate", var mebibytes, var seconds]:
                // Not on the heap: .NET keeps that below the limit of a cgroup by itself.
                Fill((nuint)Number(mebibytes) * 1024 * 1024);
                Print("ready");
                Wait(seconds);
                return 0;
            case ["map", var file, var seconds]:
                using (var mapped = MemoryMappedFile.CreateFromFile(file, FileMode.Open, null, 0, MemoryMappedFileAccess.Read))
                using (var bytes = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read))
                {
                    for (long at = 0; at < bytes.Capacity; at += Environment.SystemPageSize)
                        bytes.ReadByte(at);

                    Print("ready");
                    Wait(seconds);
                }

                return 0;
            case ["burn", var milliseconds]:
                var watch = Stopwatch.StartNew();
                while (watch.ElapsedMilliseconds < Number(milliseconds))
                    Thread.SpinWait(1000);
                return 0;
            case ["abort"]:
                Environment.FailFast("told to");
                return 0;
            case ["escape", var file, var seconds]:
                return Escape.Leave(file, seconds);
            case ["escape-by-way-of", var file, var seconds]:
                return Escape.Begin(file, seconds);
            case ["escaped", var file, var seconds]:
                Escape.Away();
                File.WriteAllText(file + ".new", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                File.Move(file + ".new", file);
                Wait(seconds);
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 64;
        }
    }

    private static void SayGoodbye(PosixSignalContext context)
    {
        context.Cancel = true;
        Print("goodbye");
        Environment.Exit(3);
    }

    private static void Print(string line) => Out.Write(Encoding.UTF8.GetBytes(line + "\n"));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Waits in real time; this program's business is to be slow.</summary>
    private static void Wait(string seconds)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
    }

    private static void Flood(long bytes)
    {
        var block = new byte[64 * 1024];
        for (var i = 0; i < block.Length; i++)
            block[i] = (byte)(i % 64 == 63 ? '\n' : 'a' + (i % 26));

        for (; bytes > 0; bytes -= block.Length)
            Out.Write(block, 0, (int)Math.Min(bytes, block.Length));
    }
}
