using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relay.Fleet.Contract;

namespace Relay.Node.Users;

/// <summary>
/// The users of a node as a file: lines of a store and version, of an age, of each secret (<c>NAME SHA256 EXPIRES</c>, in base64 and
/// milliseconds of Unix time, <c>-</c> for never) or of a user without one, and of a hash over all before it.
/// </summary>
internal static class UserFile
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxLength = 256 << 20;

    private const string Format = "relay-users 1";
    private const string End = "sha256 ";
    private const string None = "-";

    /// <summary>Writes one.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="set">The users, of a store.</param>
    /// <param name="age">Of when they are.</param>
    public static void Write(Stream file, UserSet set, AgeNote age)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Lines, of which many go out together.
        var block = new StringBuilder();
        block.Append(Format).Append('\n');
        block.Append(CultureInfo.InvariantCulture, $"store {set.Position.Store} {set.Position.Version}\n");
        block.Append(
            CultureInfo.InvariantCulture,
            $"age {(long)age.Age.TotalMilliseconds} {age.At.ToUnixTimeMilliseconds()} {age.Boot ?? None} {(long)age.SinceBoot.TotalMilliseconds}\n");
        foreach (var user in set.Barred)
            block.Append(user).Append('\n');
        Span<byte> bytes = stackalloc byte[SecretHash.Length];
        foreach (var secret in set.Table.All)
        {
            secret.Hash.Write(bytes);
            block.Append(secret.User).Append(' ').Append(Convert.ToBase64String(bytes)).Append(' ')
                .Append(secret.Expires == UserSecret.Never ? None : secret.Expires.ToString(CultureInfo.InvariantCulture)).Append('\n');
            if (block.Length > 64 * 1024)
                Put(block, hash, file);
        }
        Put(block, hash, file);
        file.Write(Encoding.ASCII.GetBytes($"{End}{Convert.ToHexStringLower(hash.GetHashAndReset())}\n"));
    }

    /// <summary>What stands against the content of a file; null for nothing.</summary>
    public static string? FaultOf(Stream file)
    {
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return TryRead(copy.GetBuffer().AsSpan(0, (int)copy.Length), out _, out _, out var error) ? null : error;
    }

    /// <summary>Of which users a file is, by how it begins; null where it is not there, or none.</summary>
    public static UserPosition? PositionOf(string path)
    {
        Span<byte> beginning = stackalloc byte[128];
        try
        {
            using var file = File.OpenRead(path);
            var reader = new LineReader(beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)]);
            return reader.TryNext() && reader.Field().SequenceEqual("relay-users"u8) && reader.TryNext()
                && reader.Field().SequenceEqual("store"u8) ? ReadPosition(ref reader) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads one.</summary>
    /// <param name="content">The whole of it.</param>
    /// <param name="set">The users.</param>
    /// <param name="age">Of when they are.</param>
    /// <param name="error">Otherwise, what is wrong with it.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> content, [NotNullWhen(true)] out UserSet? set, [NotNullWhen(true)] out AgeNote? age,
        [NotNullWhen(false)] out string? error)
    {
        (set, age) = (null, null);
        if (!TryTakeEnd(ref content, out error))
            return false;
        var reader = new LineReader(content);
        if (!reader.TryNext() || !reader.Field().SequenceEqual("relay-users"u8))
            return Fail("it is no file of users", out error);
        if (reader.Number() != 1 || !reader.IsAtEnd)
            return Fail($"line 1: another format than '{Format}', of another version of the program", out error);
        if (!reader.TryNext() || !reader.Field().SequenceEqual("store"u8) || ReadPosition(ref reader) is not { } position)
            return Fail("line 2: expected 'store', its id and a version", out error);
        if (!reader.TryNext() || !reader.Field().SequenceEqual("age"u8) || ReadAge(ref reader) is not { } note)
            return Fail("line 3: expected 'age' and what it is of", out error);
        var (names, barred, secrets) = (new HashSet<string>(StringComparer.Ordinal), UserSet.Nothing.Barred.ToBuilder(), new List<UserSecret>());
        while (reader.TryNext())
        {
            if (!TryReadUser(ref reader, names, barred, secrets))
                return Fail($"line {reader.Line}: expected a user's name, and a SHA-256 in base64 with its end, or nothing more", out error);
        }
        if (UserTable.Empty.With(static _ => false, secrets) is not { } table)
            return Fail($"a credential is there twice, or there are more than {UserTable.MaxSecrets}", out error);
        (set, age) = (new UserSet(position, table, barred.ToImmutable()), note);
        return true;
    }

    // What was torn, or has changed on its way, is not read at all: half of it would be users who were revoked.
    private static bool TryTakeEnd(ref ReadOnlySpan<byte> content, [NotNullWhen(false)] out string? error)
    {
        error = content.IsEmpty ? "it is empty"
            : content.Length > MaxLength ? $"it is larger than {MaxLength} bytes"
            : !content.StartsWith("relay-users "u8) ? "it is no file of users" : null;
        if (error is not null)
            return false;
        var length = End.Length + (2 * SecretHash.Length) + 1;
        var end = content[Math.Max(0, content.Length - length)..];
        if (!end.StartsWith("sha256 "u8) || end[^1] != '\n')
            return Fail("its end is missing: it was not written whole", out error);
        content = content[..^end.Length];
        Span<byte> written = stackalloc byte[SecretHash.Length];
        return Convert.FromHexString(end[End.Length..^1], written, out _, out _) == System.Buffers.OperationStatus.Done
            && SHA256.HashData(content).AsSpan().SequenceEqual(written)
            || Fail("it has changed since it was written: its SHA-256 is another", out error);
    }

    private static UserPosition? ReadPosition(ref LineReader reader) =>
        Utf8Parser.TryParse(reader.Field(), out Guid store, out _) && store != Guid.Empty
        && reader.Number() is > 0 and var version && reader.IsAtEnd ? new UserPosition(store, version) : null;

    private static AgeNote? ReadAge(ref LineReader reader)
    {
        if (reader.Number() is not (>= 0 and <= MaxMilliseconds and var age)
            || reader.Number() is not (>= 0 and <= MaxMilliseconds and var at))
            return null;
        var boot = Encoding.ASCII.GetString(reader.Field());
        return reader.Number() is >= 0 and <= MaxMilliseconds and var sinceBoot && reader.IsAtEnd
            ? new AgeNote(
                TimeSpan.FromMilliseconds(age), DateTimeOffset.FromUnixTimeMilliseconds(at), boot == None ? null : boot,
                TimeSpan.FromMilliseconds(sinceBoot))
            : null;
    }

    private static bool TryReadUser(
        ref LineReader reader, HashSet<string> names, ImmutableHashSet<string>.Builder barred, List<UserSecret> secrets)
    {
        var name = Encoding.ASCII.GetString(reader.Field());
        if (!Names.IsUser(name))
            return false;
        if (reader.IsAtEnd)
            return barred.Add(name);
        if (names.TryGetValue(name, out var known))
            name = known;
        else
            names.Add(name);
        Span<byte> hash = stackalloc byte[SecretHash.Length + 1];
        if (Base64.DecodeFromUtf8(reader.Field(), hash, out _, out var length) != System.Buffers.OperationStatus.Done
            || length != SecretHash.Length)
            return false;
        var end = reader.Field();
        var expires = UserSecret.Never;
        if (!end.SequenceEqual("-"u8)
            && !long.TryParse(end, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out expires))
            return false;
        secrets.Add(new UserSecret(SecretHash.Read(hash), name, expires));
        return reader.IsAtEnd;
    }

    // The year 9999.
    private const long MaxMilliseconds = 253_402_300_799_999;

    private static void Put(StringBuilder block, IncrementalHash hash, Stream file)
    {
        var bytes = Encoding.ASCII.GetBytes(block.ToString());
        hash.AppendData(bytes);
        file.Write(bytes);
        block.Clear();
    }

    private static bool Fail(string why, out string error)
    {
        error = why;
        return false;
    }

    /// <summary>Lines of fields that a space divides.</summary>
    private ref struct LineReader(ReadOnlySpan<byte> content)
    {
        private ReadOnlySpan<byte> _left = content;
        private ReadOnlySpan<byte> _line;

        /// <summary>The number of the line, from 1.</summary>
        public int Line { get; private set; }

        /// <summary>Whether the line has no field more.</summary>
        public readonly bool IsAtEnd => _line.IsEmpty;

        public bool TryNext()
        {
            if (_left.IsEmpty)
                return false;
            var end = _left.IndexOf((byte)'\n');
            _line = end < 0 ? _left : _left[..end];
            _left = end < 0 ? default : _left[(end + 1)..];
            Line++;
            return true;
        }

        public ReadOnlySpan<byte> Field()
        {
            var space = _line.IndexOf((byte)' ');
            var field = space < 0 ? _line : _line[..space];
            _line = space < 0 ? default : _line[(space + 1)..];
            return field;
        }

        /// <summary>The next field as a whole number; −1 where it is none.</summary>
        public long Number() =>
            long.TryParse(Field(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
    }
}
