using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Fleet.Sessions;

/// <summary>
/// The addresses of one session as keys: the bytes of an address behind a byte for its family, whichever of its texts a node wrote; what
/// is none, or has a scope, as text. To be used again for the next session.
/// </summary>
internal sealed class EgressKeys
{
    private const byte IPv4 = 4;
    private const byte IPv6 = 6;
    private const byte Text = 0;
    private const int Usual = 17;

    private readonly int[] _ends = new int[SessionDirectory.MaxEgressAddresses];
    private byte[] _bytes = new byte[SessionDirectory.MaxEgressAddresses * Usual];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes they have.</summary>
    public int Length => Count == 0 ? 0 : _ends[Count - 1];

    /// <summary>One of them; to be used before the next is added.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(StartOf(index).._ends[index]);

    /// <summary>Whether one is among those before it.</summary>
    public bool IsRepeated(int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (this[i].SequenceEqual(this[index]))
                return true;
        }
        return false;
    }

    /// <summary>There are none.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds one; there are no more than <see cref="SessionDirectory.MaxEgressAddresses"/>.</summary>
    public void Add(ReadOnlySpan<byte> key)
    {
        key.CopyTo(Room(key.Length));
        End(key.Length);
    }

    /// <summary>Adds the key of an address.</summary>
    public void Add(string address)
    {
        if (!IPAddress.TryParse(address, out var parsed))
            AddText(address);
        else if (parsed.AddressFamily == AddressFamily.InterNetworkV6 && parsed.ScopeId != 0)
            AddText(parsed.ToString());
        else
        {
            var room = Room(Usual);
            room[0] = parsed.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6;
            parsed.TryWriteBytes(room[1..], out var written);
            End(1 + written);
        }
    }

    /// <summary>The address of a key, in the one text that it has here.</summary>
    public static string AddressOf(ReadOnlySpan<byte> key) =>
        key[0] == Text ? Encoding.UTF8.GetString(key[1..]) : new IPAddress(key[1..]).ToString();

    private void AddText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var room = Room(1 + bytes.Length);
        room[0] = Text;
        bytes.CopyTo(room[1..]);
        End(1 + bytes.Length);
    }

    private void End(int length)
    {
        _ends[Count] = StartOf(Count) + length;
        Count++;
    }

    private int StartOf(int index) => index == 0 ? 0 : _ends[index - 1];

    private Span<byte> Room(int length)
    {
        var from = StartOf(Count);
        if (from + length > _bytes.Length)
            Array.Resize(ref _bytes, from + length);
        return _bytes.AsSpan(from, length);
    }
}
