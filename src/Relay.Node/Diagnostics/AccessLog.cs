using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Hosting.Logging;
using Relay.Node.Options;

namespace Relay.Node.Diagnostics;

/// <summary>
/// Takes a record of each tunnel's end from the loops, and writes it from a task of its own. What that task cannot keep
/// up with is dropped: a slow disk must not slow a tunnel.
/// </summary>
internal sealed class AccessLog : IAsyncDisposable
{
    /// <summary>Records that wait for the disk; about 3 MiB.</summary>
    internal const int Capacity = 16 * 1024;

    /// <summary>Bytes that are written at once when there is much to write.</summary>
    private const int WriteSize = 64 * 1024;

    private readonly Channel<AccessRecord> _records = Channel.CreateBounded<AccessRecord>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly Func<Stream> _open;
    private readonly AccessLineWriter _lines;
    private readonly ILogger _log;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * WriteSize);
    private readonly Task _writing;
    private Stream _stream;
    private volatile bool _reopen;
    private long _lost;

    private AccessLog(Func<Stream> open, bool json, ILogger log, bool withTargets)
    {
        _open = open;
        _lines = new AccessLineWriter(json);
        _log = log;
        WithTargets = withTargets;
        _stream = open();
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Opens the log that a configuration asks for, if any.</summary>
    /// <exception cref="StartException">It cannot be opened.</exception>
    internal static AccessLog? Open(NodeConfig config, ILogger log)
    {
        if (config.AccessLog is not { } path)
            return null;
        try
        {
            return Open(Opener(path), config.LogFormat == LogFormat.Json, log, config.AccessLogTargets);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartException($"{OptionCatalog.AccessLog.Name}: {e.Message}");
        }
    }

    /// <summary>Opens a log.</summary>
    /// <param name="open">Opens what is written to; again at each <see cref="Reopen"/>.</param>
    /// <param name="json">Objects, or <c>key=value</c> pairs.</param>
    /// <param name="log">Where to say that it cannot be written.</param>
    /// <param name="withTargets">Whether lines name the target, and so not the client.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static AccessLog Open(Func<Stream> open, bool json, ILogger log, bool withTargets) =>
        new(open, json, log, withTargets);

    /// <summary>A way to open a path for appending, or standard output for <c>-</c>.</summary>
    internal static Func<Stream> Opener(string path) => path == "-"
        ? Console.OpenStandardOutput
        : () => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);

    /// <summary>Whether lines name the target, and so not the client.</summary>
    internal bool WithTargets { get; }

    /// <summary>Hands over a record. Never waits.</summary>
    /// <returns>False when there is no room, and the line is lost.</returns>
    internal bool TryAdd(in AccessRecord record) => _records.Writer.TryWrite(record);

    /// <summary>Opens the path again before the next line, as after logrotate has moved the file.</summary>
    internal void Reopen() => _reopen = true;

    /// <summary>Writes what waits, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _records.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        while (await _records.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_buffer.WrittenCount < WriteSize && _records.Reader.TryRead(out var record))
                _lines.Write(record, _buffer);
            long? whole = null;
            try
            {
                ReopenIfAsked();
                whole = _stream.CanSeek ? _stream.Length : null;
                await _stream.WriteAsync(_buffer.WrittenMemory).ConfigureAwait(false);
                await _stream.FlushAsync().ConfigureAwait(false);
                _lost = Math.Max(0, _lost - _buffer.WrittenCount);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // Said once, until as much was written again as was lost, which a full disk has no room for: it is no reason to fill
                // the other log. A few lines may fit yet where many did not.
                if (_lost == 0)
                    Log.AccessLogFailed(_log, e.Message);
                _lost = Math.Max(_lost, _buffer.WrittenCount);
                _reopen = true;
                CutTo(whole);
            }
            _buffer.ResetWrittenCount();
        }
    }

    /// <summary>Takes back what of a line got on a disk that is full: the next would continue it.</summary>
    private void CutTo(long? whole)
    {
        try
        {
            if (_stream.Length > whole)
                _stream.SetLength(whole.Value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException)
        {
            // It stays.
        }
    }

    private void ReopenIfAsked()
    {
        if (!_reopen)
            return;
        _reopen = false;
        var previous = _stream;
        _stream = _open();
        previous.Dispose();
    }
}
