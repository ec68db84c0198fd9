using Relay.Load.Client;

namespace Relay.Load.Forward;

/// <summary>Standard input and output, each with a thread that waits for it.</summary>
internal sealed class ConsoleEnd : ILocalEnd
{
    private readonly BlockingRing _input = new();
    private readonly BlockingRing _output = new();
    private readonly Thread _reader;
    private readonly Thread _writer;
    private volatile bool _failed;

    public ConsoleEnd(ClientLoop loop)
    {
        _reader = new Thread(() => ReadInput(loop)) { Name = "standard input", IsBackground = true };
        _writer = new Thread(() => WriteOutput(loop)) { Name = "standard output", IsBackground = true };
        _reader.Start();
        _writer.Start();
    }

    public int Read(Span<byte> buffer) => _input.TryRead(buffer) switch
    {
        -1 => LocalEnd.Ended,
        var length => length,
    };

    public int Write(ReadOnlySpan<byte> data) => _failed ? LocalEnd.Failed : _output.TryWrite(data);

    public void EndWrite() => _output.End();

    /// <summary>Returns when everything has been written, if the reader of the output takes it.</summary>
    public void Close(bool inOrder)
    {
        _output.End();
        if (inOrder)
            _writer.Join();
    }

    private void ReadInput(ClientLoop loop)
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[64 * 1024];
        int length;
        while ((length = input.Read(buffer)) > 0)
        {
            _input.Write(buffer.AsSpan(0, length));
            loop.Wake();
        }
        _input.End();
        loop.Wake();
    }

    private void WriteOutput(ClientLoop loop)
    {
        using var output = Console.OpenStandardOutput();
        var buffer = new byte[64 * 1024];
        int length;
        try
        {
            while ((length = _output.Read(buffer)) > 0)
            {
                output.Write(buffer.AsSpan(0, length));
                loop.Wake();
            }
        }
        catch (IOException)
        {
            // Whoever read the output has gone.
            _failed = true;
            loop.Wake();
        }
    }
}
