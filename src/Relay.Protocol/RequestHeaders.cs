namespace Relay.Protocol;

/// <summary>
/// Collects the fields of one request as they are decoded: keeps those that matter to the relay, and notes the first
/// fault. Holds on to its memory for the next request. Not thread-safe.
/// </summary>
/// <param name="maxSize">
/// The largest header section, in bytes, 0 and up, counted as RFC 9114 §4.2.2 does: names, values, and
/// <see cref="FieldOverhead"/> for each field.
/// </param>
/// <param name="maxFields">The most fields of a request beside its pseudo-header fields, 0 and up.</param>
public sealed class RequestHeaders(int maxSize, int maxFields = RequestHeaders.DefaultMaxFields) : IRequestFields
{
    /// <summary>What each field counts beyond its name and value, in bytes (RFC 9114 §4.2.2).</summary>
    public const int FieldOverhead = 32;

    /// <summary>
    /// Fields of a request beside its pseudo-header fields: the relay looks at a handful, and each costs more than its
    /// bytes.
    /// </summary>
    public const int DefaultMaxFields = 100;

    private const int FieldCount = (int)RequestField.Authorization + 1;

    private readonly (int Offset, int Length)[] _slots = new (int, int)[FieldCount];
    private byte[] _values = [];
    private int _used;
    private int _present;
    private int _regularFields;
    private bool _capsuleProtocolRepeated;

    /// <summary>The first fault in the header section by itself, whatever the method.</summary>
    public RequestFault Fault { get; private set; }

    /// <summary>The size of the section so far, in bytes, counted as the limit is.</summary>
    public long Size { get; private set; }

    /// <summary>
    /// Whether <c>capsule-protocol</c> is present and true. Any other value, or several, count as absent
    /// (RFC 9297 §3.4).
    /// </summary>
    public bool HasCapsuleProtocol
    {
        get
        {
            // RFC 9297 §3.4: an sf-boolean whose parameters, if unknown, are ignored.
            var value = AsciiText.TrimWhitespace(this[RequestField.CapsuleProtocol]);
            return !_capsuleProtocolRepeated && value.StartsWith("?1"u8) && (value.Length == 2 || value[2] == ';');
        }
    }

    /// <summary>The value of a field, or nothing when it is absent; valid until the next change.</summary>
    /// <param name="field">Any defined field.</param>
    public ReadOnlySpan<byte> this[RequestField field]
    {
        get
        {
            var (offset, length) = _slots[(int)field];
            return Contains(field) ? _values.AsSpan(offset, length) : default;
        }
    }

    /// <summary>Whether a field is present, be it empty.</summary>
    /// <param name="field">Any defined field.</param>
    public bool Contains(RequestField field) => (_present & (1 << (int)field)) != 0;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Size += name.Length + (long)value.Length + FieldOverhead;
        if (Fault != RequestFault.None)
            return;

        Fault = Size > maxSize ? RequestFault.HeadersTooLarge : Check(name, value);
        if (Fault == RequestFault.None && FieldSyntax.Classify(name) is { } field)
            Keep(field, value);
    }

    /// <inheritdoc/>
    public void Fail(RequestFault fault)
    {
        if (Fault == RequestFault.None)
            Fault = fault;
    }

    /// <summary>Forgets everything, for the next request; values, credentials among them, are overwritten.</summary>
    public void Reset()
    {
        _values.AsSpan(0, _used).Clear();
        _used = 0;
        _present = 0;
        _regularFields = 0;
        _capsuleProtocolRepeated = false;
        Fault = RequestFault.None;
        Size = 0;
    }

    private RequestFault Check(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!FieldSyntax.IsName(name) || !AsciiText.IsFieldValue(value))
            return RequestFault.MalformedField;

        if (name[0] != ':')
        {
            if (++_regularFields > maxFields)
                return RequestFault.HeadersTooLarge;
            return FieldSyntax.IsConnectionSpecific(name, value)
                ? RequestFault.ConnectionSpecificField
                : RequestFault.None;
        }

        // RFC 9114 §4.3: "Endpoints MUST treat a request or response that contains undefined or invalid pseudo-header
        // fields as malformed", and one with a pseudo-header field after a regular one too.
        if (FieldSyntax.Classify(name) is null)
            return RequestFault.UnknownPseudoHeader;
        return _regularFields > 0 ? RequestFault.MisplacedPseudoHeader : RequestFault.None;
    }

    private void Keep(RequestField field, ReadOnlySpan<byte> value)
    {
        if (Contains(field))
        {
            if (field <= RequestField.Protocol)
                Fault = RequestFault.DuplicatePseudoHeader;
            else if (field >= RequestField.ProxyAuthorization)
                Fault = RequestFault.DuplicateCredentials;
            else if (field == RequestField.CapsuleProtocol)
                _capsuleProtocolRepeated = true;
            return;
        }

        if (_values.Length - _used < value.Length)
            Array.Resize(ref _values, Math.Max(_used + value.Length, Math.Max(256, _values.Length * 2)));
        value.CopyTo(_values.AsSpan(_used));
        _slots[(int)field] = (_used, value.Length);
        _used += value.Length;
        _present |= 1 << (int)field;
    }
}
