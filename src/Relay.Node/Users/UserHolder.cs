using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Files;

namespace Relay.Node.Users;

/// <summary>
/// The fleet's users at a node: takes what directives bring, keeps it in a file, and gives it to those who ask for credentials as
/// long as it is young enough. Used by one thread at a time; what metrics read, from any.
/// </summary>
internal sealed class UserHolder
{
    /// <summary>A file that is not written is tried again after this.</summary>
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(10);

    /// <summary>Of the time at most one part in so many goes into writing.</summary>
    private const int Rests = 10;

    /// <summary>Of the longest age; so much less may be what a restart leaves of it.</summary>
    private const int AgeNotes = 24;

    private readonly string _path;
    private readonly TimeSpan _maxAge;
    private readonly TimeProvider _clock;
    private readonly Action<UserTable> _use;
    private readonly ILogger _log;
    private readonly UserHandOver _handOver;
    private readonly UserAge _age;
    private readonly long[] _refused = new long[Enum.GetValues<UserRefusal>().Length];
    private volatile UserSet _set;
    private (UserRefusal Reason, string Text)? _told;
    private Task _writing = Task.CompletedTask;
    private UserSet? _written;
    // Of what this process has read or written last; what else is there another has written since.
    private UserPosition _onDisk;
    private long _writtenAt;
    private long _writesFrom;
    private volatile string? _notWritten;
    private bool _isTooOld;

    private UserHolder(
        string path, TimeSpan maxAge, UserSet set, UserAge age, TimeProvider clock, Action<UserTable> use, ILogger log)
    {
        (_path, _maxAge, _set, _written, _age, _clock, _use, _log) = (path, maxAge, set, set, age, clock, use, log);
        _onDisk = set.Position;
        _handOver = new UserHandOver(set);
        _writtenAt = _writesFrom = clock.GetTimestamp();
        _use(set.Table);
        Look();
    }

    /// <summary>Begins with what is in a file, if it is there.</summary>
    /// <param name="file">The file, and the option that names it.</param>
    /// <param name="maxAge">For how long its users are let in while no coordinator answers.</param>
    /// <param name="clock">As <see cref="UserAge"/> wants it.</param>
    /// <param name="boot">As <see cref="UserAge"/> wants it.</param>
    /// <param name="use">Given the users that are let in, whenever they are others.</param>
    /// <param name="log">Where to say what happens.</param>
    /// <exception cref="StartException">It cannot be read or understood; the message names it and why.</exception>
    public static UserHolder Open(
        NamedFile file, TimeSpan maxAge, TimeProvider clock, string? boot, Action<UserTable> use, ILogger log)
    {
        if (boot is null)
            Log.BootUnknown(log);
        var (path, age, set) = (file.Path!, new UserAge(clock, boot), UserSet.Nothing);
        if (File.Exists(path))
        {
            SecretFiles.Check(log, file);
            if (!UserFile.TryRead(new FileGroup("users", [file]).Read()[0], out var read, out var note, out var error))
                throw new StartException($"{file}: {error}");
            age.Resume(note);
            set = read;
            Log.UsersRead(log, set.Count, path, age.Value);
        }
        return new UserHolder(path, maxAge, set, age, clock, use, log);
    }

    /// <summary>What a report says of them.</summary>
    public UserPosition Position => _handOver.Position;

    /// <summary>Whether a further page waits at the fleet.</summary>
    public bool HasMore => _handOver.HasMore;

    /// <summary>The users' secrets, however old.</summary>
    public UserTable Table => _set.Table;

    /// <summary>What the operator should know.</summary>
    public IEnumerable<string> Warnings => new[]
    {
        _told?.Text, _notWritten is { } why ? $"the users are not written to {_path}: {why}" : null,
    }.OfType<string>();

    /// <summary>Users. From any thread.</summary>
    public int Count => _set.Count;

    /// <summary>The version of the users; 0 where the node has none. From any thread.</summary>
    public long Version => _set.Position.Version;

    /// <summary>How long no coordinator has answered that knows the fleet's users; null where that is not known. From any thread.</summary>
    public TimeSpan? Age => _age.Value;

    /// <summary>Pages that were not taken. From any thread.</summary>
    public long Refused(UserRefusal reason) => Interlocked.Read(ref _refused[(int)reason]);

    /// <summary>A coordinator has answered.</summary>
    /// <param name="page">The users that it gave; null for none.</param>
    /// <param name="isKnown">Without users, too, it knows them (<see cref="NodeDirective.KnowsUsers"/>).</param>
    public void Apply(UserPage? page, bool isKnown = false)
    {
        var before = _handOver.Set;
        _handOver.Take(page);
        // Who says nothing of users does not know whether one of them is none any more.
        if (isKnown || page is not null)
            _age.Reset();
        Tell(_handOver.Refused);
        if (_handOver.Set is var set && set != before)
        {
            _set = set;
            if (page!.From == 0)
                Log.UsersTaken(_log, set.Count, set.Position.Store, set.Position.Version);
            if (!_isTooOld)
                _use(set.Table);
        }
        Look();
    }

    /// <summary>Looks at their age, and writes what is not written.</summary>
    public void Tick()
    {
        _age.Look();
        Look();
        if (_writing.IsCompleted && _clock.GetTimestamp() >= _writesFrom
            && (_written != _set || _clock.GetElapsedTime(_writtenAt) >= _maxAge / AgeNotes))
            Write();
    }

    /// <summary>Writes what is not written, with what is known of the age by now: the process is about to end.</summary>
    public async Task CloseAsync()
    {
        await _writing.ConfigureAwait(false);
        Write();
        await _writing.ConfigureAwait(false);
    }

    /// <summary>Completes when nothing is being written; for tests.</summary>
    internal Task SettledAsync() => _writing;

    private void Look()
    {
        var isTooOld = _set.Position.Version != 0 && !(_age.Value <= _maxAge);
        if (isTooOld == _isTooOld)
            return;
        _isTooOld = isTooOld;
        if (isTooOld)
            Log.UsersTooOld(_log, _set.Count, _maxAge);
        else
            Log.UsersYoungAgain(_log, _set.Count);
        _use(isTooOld ? UserTable.Empty : _set.Table);
    }

    private void Tell((UserRefusal Reason, string Text)? refused)
    {
        if (refused is { } one)
        {
            Interlocked.Increment(ref _refused[(int)one.Reason]);
            if (_told != one)
                Log.UsersRefused(_log, one.Text);
        }
        _told = refused;
    }

    // Never on the thread that reports: a disk may take its time.
    private void Write()
    {
        if (_set is not { Position.Version: > 0 } set || _age.Note() is not { } note)
            return;
        _writing = Task.Run(() =>
        {
            var began = _clock.GetTimestamp();
            try
            {
                if (WholeFile.WriteShared(_path, file => UserFile.Write(file, set, note), () => !IsLater(UserFile.PositionOf(_path), set)))
                    _onDisk = set.Position;
                if (_notWritten is not null)
                    Log.UsersWritten(_log, _path);
                (_written, _writtenAt, _notWritten) = (set, began, null);
                Rest(_clock.GetElapsedTime(began) * Rests);
            }
            catch (Exception e)
            {
                if (_notWritten is null)
                    Log.UsersNotWritten(_log, _path, e.Message);
                _notWritten = e.Message;
                Rest(RetryTime);
            }
        });
    }

    // At a restart two processes write it for a while, and the one that ends is told of nothing more.
    private bool IsLater(UserPosition? other, UserSet set) => other is not null && other != _onDisk
        && (other.Store != set.Position.Store || other.Version > set.Position.Version);

    private void Rest(TimeSpan time) =>
        _writesFrom = _clock.GetTimestamp() + (long)(time.TotalSeconds * _clock.TimestampFrequency);
}
