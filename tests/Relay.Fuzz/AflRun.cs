using Relay.Fuzz.Engine;
using SharpFuzz;

namespace Relay.Fuzz;

/// <summary>Runs what AFL++ gives, over and over in one process; whatever is thrown is a crash.</summary>
internal static class AflRun
{
    public static void Run(string name)
    {
        var buffer = new byte[1 << 20];
        FuzzTarget? target = null;
        Fuzzer.OutOfProcess.Run(stream =>
        {
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            target ??= TargetTable.Create(name);
            target.Run(buffer.AsSpan(0, length));
        });
    }
}
