using System.Text.Json;

namespace Relay.Admin.Http;

/// <summary>
/// Counts what a node's report holds while it is read: what is too much is not read to its end, and nothing is made of it. A few
/// kilobytes of gzip can be millions of empty objects.
/// </summary>
internal sealed class ReportScan
{
    /// <summary>
    /// The most bytes of all but a report's sessions and identities. Nodes of before this bound tell of as many identities as have
    /// limits: refused for that they would be for good, with their leases. What identities cost is bounded by values.
    /// </summary>
    public const int MaxOtherBytes = 256 << 10;

    /// <summary>The most values of all but a report's sessions: objects, arrays, texts, numbers.</summary>
    public const int MaxOtherValues = 32_768;

    /// <summary>The most values of a report's sessions: 4096 of them have not half as many.</summary>
    public const int MaxSessionValues = 262_144;

    // No text of a report is nearly as long. A token that is not whole yet is read again with what comes next: bounded, and not for each
    // packet, since whoever sends both a long one and small packets would have it read a thousand times.
    private const int MaxToken = 64 << 10;
    private const int Step = 16 << 10;

    private JsonReaderState _state;
    private int _looked;
    private int _consumed;
    private bool _isInSessions;
    private bool _isInIdentities;
    private int _otherBytes;
    private int _otherValues;
    private int _sessionValues;

    // What is made of a value costs that much to read and to keep, in however few bytes it comes: two at least, with its comma.
    private const int BytesOfValue = 32;
    private const int LeastOfValue = 2;

    /// <summary>How many bytes there were.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// What they cost, in bytes: no less than there were. Those of a small report, as most are, are read once, by who makes it of them:
    /// it cannot hold too much, and costs what it could hold.
    /// </summary>
    public int Cost => Length <= ReportBudget.MostOfSmall
        ? Length / LeastOfValue * BytesOfValue : Math.Max(Length, BytesOfValue * (_otherValues + _sessionValues));

    /// <summary>More bytes have come.</summary>
    /// <param name="soFar">All that there are.</param>
    /// <param name="isWhole">No more come: what was not looked at yet is counted, in however few bytes it is.</param>
    /// <exception cref="ProblemException">They are too many, hold too much, or are no JSON.</exception>
    public void Read(ReadOnlySpan<byte> soFar, bool isWhole = false)
    {
        Length = soFar.Length;
        if (soFar.Length <= ReportBudget.MostOfSmall || (!isWhole && soFar.Length - _looked < Step))
            return;
        _looked = soFar.Length;
        try
        {
            Count(soFar);
        }
        catch (JsonException) when (isWhole)
        {
            // Who reads it all says where.
        }
        catch (JsonException e)
        {
            throw new ProblemException(Problem.Invalid("", JsonBody.Sentence(e.Message)));
        }
        if (_otherBytes > MaxOtherBytes)
            throw TooMuch($"is larger than {MaxOtherBytes} bytes without its sessions and identities");
        if (_otherValues > MaxOtherValues || _sessionValues > MaxSessionValues)
            throw TooMuch($"holds more than {MaxOtherValues} values, or {MaxSessionValues} of its sessions");
    }

    private void Count(ReadOnlySpan<byte> soFar)
    {
        var reader = new Utf8JsonReader(soFar[_consumed..], isFinalBlock: false, _state);
        var before = 0L;
        while (_otherValues <= MaxOtherValues && _sessionValues <= MaxSessionValues && reader.Read())
        {
            if (reader.CurrentDepth <= 1 && reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndObject)
            {
                _isInSessions = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("sessions"u8);
                _isInIdentities = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("identities"u8);
            }
            else if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray))
                _ = _isInSessions ? _sessionValues++ : _otherValues++;
            if (!_isInSessions && !_isInIdentities)
                _otherBytes += (int)(reader.BytesConsumed - before);
            before = reader.BytesConsumed;
        }
        _consumed += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        if (_otherValues <= MaxOtherValues && _sessionValues <= MaxSessionValues && soFar.Length - _consumed > MaxToken)
            throw TooMuch($"has a text, or a gap, of more than {MaxToken} bytes");
    }

    private static ProblemException TooMuch(string why) =>
        new(Problem.Of(Microsoft.AspNetCore.Http.StatusCodes.Status413PayloadTooLarge, $"the report {why}"));
}
