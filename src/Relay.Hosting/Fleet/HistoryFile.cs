using System.Text.Json;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Events;
using Relay.Fleet.Json;
using Relay.Hosting.Files;

namespace Relay.Hosting.Fleet;

/// <summary>What happened in a fleet in one process and was done to it. Nothing depends on it: one that is not read is put aside.</summary>
/// <param name="path">Where it is.</param>
/// <param name="log">Hears of one that is not read.</param>
internal sealed class HistoryFile(string path, ILogger log) : IDisposable
{
    // Its own: a change waits for the state to be written, and not for this.
    private readonly Lock _writing = new();
    private bool _isRefused;
    private bool _isDisposed;

    /// <summary>The file's name beside the document.</summary>
    internal const string FileName = "events.json";

    /// <summary>Reads it; null where there is none that can be read.</summary>
    internal EventHistoryState? Read()
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), FleetJson.Of<EventHistoryState>())
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            var aside = path + ".unread";
            File.Move(path, aside, overwrite: true);
            Log.HistoryNotRead(log, path, aside, e.Message);
            return null;
        }
    }

    /// <summary>Writes it. That it cannot is said once, and that it can again.</summary>
    internal void Write(EventHistoryState history)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                WholeFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(history, FleetJson.Of<EventHistoryState>()));
            }
            catch (Exception e)
            {
                if (!_isRefused)
                    Log.HistoryNotWritten(log, path, e.Message);
                _isRefused = true;
                throw;
            }
            if (_isRefused)
                Log.HistoryWritten(log, path);
            _isRefused = false;
        }
    }

    /// <summary>Leaves the file to others, once the write under way has ended.</summary>
    public void Dispose()
    {
        lock (_writing)
            _isDisposed = true;
    }
}
