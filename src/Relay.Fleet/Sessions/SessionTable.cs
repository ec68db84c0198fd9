using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Relay.Fleet.Sessions;

/// <summary>
/// The sessions of one node as rows of numbers, with their texts in pools of bytes: no objects for a collector to look at, however
/// many there are. Rows are found by id, by identity and by egress address, in order of the ids.
/// </summary>
internal sealed class SessionTable
{
    private const int None = -1;
    private const int AddressSize = sizeof(int);

    // What is wasted in a small table is not worth making another.
    private const int SmallWaste = 4096;
    private const int FewRows = 64;

    private readonly TextPool _texts;
    private readonly SortedRows _order;
    private readonly SessionIndex _byIdentity;
    private readonly SessionIndex _byAddress;
    private Row[] _rows;
    private int _rowCount;
    private int _freeRow = None;

    /// <summary>A table without sessions.</summary>
    /// <param name="like">One whose sessions have room at once; null for none. It grows.</param>
    public SessionTable(SessionTable? like = null)
    {
        _rows = like is null ? [] : new Row[Roomy(like.Count)];
        _texts = new TextPool(like is null ? 0 : Roomy(like._texts.Used - like._texts.Freed));
        (_order, _byIdentity, _byAddress) =
            (new SortedRows(this), new SessionIndex(this, like?._byIdentity), new SessionIndex(this, like?._byAddress));
    }

    /// <summary>How many there are.</summary>
    public int Count => _order.Count;

    /// <summary>How many bytes of memory it has, about.</summary>
    public long Size => (_rows.Length * (long)Unsafe.SizeOf<Row>()) + _texts.Size + _order.Size + _byIdentity.Size + _byAddress.Size;

    /// <summary>More of the memory is of sessions that are over than of those that there are.</summary>
    public bool IsWasteful =>
        _texts.Freed + _byIdentity.Freed + _byAddress.Freed > ((_texts.Used + _byIdentity.Used + _byAddress.Used) / 2) + SmallWaste
        || _rowCount > (2 * Count) + FewRows;

    /// <summary>The row of a session; -1 for none.</summary>
    public int Find(ReadOnlySpan<byte> id) => _order.Find(id);

    /// <summary>How many sessions an identity has.</summary>
    public int CountOfIdentity(ReadOnlySpan<byte> identity) => _byIdentity.Count(_byIdentity.Find(identity));

    /// <summary>How many sessions show an address, as <see cref="EgressKeys"/> has it.</summary>
    public int CountOfAddress(ReadOnlySpan<byte> address) => _byAddress.Count(_byAddress.Find(address));

    /// <summary>All rows.</summary>
    /// <param name="after">The id after which to begin; null for the first. To be read at once.</param>
    public IEnumerable<int> From(byte[]? after) => _order.From(after);

    /// <summary>The rows of an identity, as <see cref="From"/>.</summary>
    public IEnumerable<int> OfIdentity(ReadOnlySpan<byte> identity, byte[]? after) => _byIdentity.From(_byIdentity.Find(identity), after);

    /// <summary>The rows that show an address, as <see cref="From"/>.</summary>
    public IEnumerable<int> OfAddress(ReadOnlySpan<byte> address, byte[]? after) => _byAddress.From(_byAddress.Find(address), after);

    /// <summary>A session's id; to be used before anything changes.</summary>
    public ReadOnlySpan<byte> IdOf(int row)
    {
        ref var from = ref _rows[row];
        return _texts[from.Text][(from.Addresses * AddressSize)..];
    }

    /// <summary>A session's identity; to be used before anything changes.</summary>
    public ReadOnlySpan<byte> IdentityOf(int row) => _byIdentity.KeyOf(_rows[row].Identity);

    /// <summary>How many addresses a session shows.</summary>
    public int AddressesOf(int row) => _rows[row].Addresses;

    /// <summary>One of a session's addresses, as <see cref="EgressKeys"/> has it; to be used before anything changes.</summary>
    public ReadOnlySpan<byte> AddressOf(int row, int index) => _byAddress.KeyOf(NumberOf(row, index));

    /// <summary>What of a session is numbers.</summary>
    public ref SessionFacts FactsOf(int row) => ref _rows[row].Facts;

    /// <summary>Whether a session is an identity's, and shows these addresses.</summary>
    public bool IsOf(int row, ReadOnlySpan<byte> identity, EgressKeys addresses)
    {
        if (AddressesOf(row) != addresses.Count || !IdentityOf(row).SequenceEqual(identity))
            return false;
        for (var i = 0; i < addresses.Count; i++)
        {
            if (!AddressOf(row, i).SequenceEqual(addresses[i]))
                return false;
        }
        return true;
    }

    /// <summary>Adds a session that is not there yet.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="identity">Whose it is.</param>
    /// <param name="addresses">Its addresses.</param>
    /// <param name="facts">The rest.</param>
    public void Add(ReadOnlySpan<byte> id, ReadOnlySpan<byte> identity, EgressKeys addresses, in SessionFacts facts)
    {
        var row = TakeRow();
        ref var into = ref _rows[row];
        var text = _texts.Add((addresses.Count * AddressSize) + id.Length);
        id.CopyTo(_texts[text][(addresses.Count * AddressSize)..]);
        (into.Text, into.Addresses, into.Facts) = (text, (byte)addresses.Count, facts);
        into.Identity = _byIdentity.Add(identity, row);
        for (var i = 0; i < addresses.Count; i++)
        {
            var isRepeated = addresses.IsRepeated(i);
            var number = isRepeated ? _byAddress.Find(addresses[i]) : _byAddress.Add(addresses[i], row);
            BinaryPrimitives.WriteInt32LittleEndian(_texts[text][(i * AddressSize)..], number);
        }
        _order.Add(row);
    }

    /// <summary>Takes a session out.</summary>
    public void Remove(int row)
    {
        _order.Remove(row);
        ref var from = ref _rows[row];
        _byIdentity.Remove(from.Identity, row);
        for (var i = 0; i < from.Addresses; i++)
        {
            if (!IsRepeated(row, i))
                _byAddress.Remove(NumberOf(row, i), row);
        }
        _texts.Free(from.Text);
        from.Text = _freeRow;
        _freeRow = row;
    }

    /// <summary>So much, and room for some that come.</summary>
    internal static int Roomy(int count) => (int)Math.Min(Array.MaxLength, count + (count / 8L) + 1);

    private int NumberOf(int row, int index) =>
        BinaryPrimitives.ReadInt32LittleEndian(_texts[_rows[row].Text][(index * AddressSize)..]);

    private bool IsRepeated(int row, int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (NumberOf(row, i) == NumberOf(row, index))
                return true;
        }
        return false;
    }

    private int TakeRow()
    {
        if (_freeRow != None)
        {
            var free = _freeRow;
            _freeRow = _rows[free].Text;
            return free;
        }
        if (_rowCount == _rows.Length)
            Array.Resize(ref _rows, Math.Max(4, _rowCount + (_rowCount / 2)));
        return _rowCount++;
    }

    private struct Row
    {
        public SessionFacts Facts;

        // The numbers of its addresses, and then its id; of a free row the next.
        public int Text;
        public int Identity;
        public byte Addresses;
    }
}
