using System.Text;
using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9112 §2, §3, §5: heads of requests of HTTP/1.1, and the request in the terms of HTTP/3.</summary>
internal sealed class Http1Target() : FuzzTarget(
    "wherever it is cut the same; no more is consumed than is allowed; what is complete is read back as it was")
{
    private const int MaxSize = 1024;
    private const int MaxFields = 12;

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ("CONNECT a.test:443 HTTP/1.1\r\n|Host: a.test\r\n|\r\n|\r|\n| HTTP/1.0|HTTP/2.0|Connection: Upgrade\r\n|"
            + "Upgrade: connect-udp\r\n|GET |https://a/|Content-Length: 0\r\n|Transfer-Encoding: chunked\r\n| |\t|:|,").Split('|')
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var whole = Read(input, []);
        foreach (var cut in Pieces.Cuts(input.Length))
            Check.Same(whole, Read(input, [cut]), $"cut at {cut}");
        Check.Same(whole, Read(input, Enumerable.Range(0, input.Length)), "byte by byte");
        if (whole.Result == Http1ReadResult.Complete)
            ReadBack(whole);
    }

    private static void ReadBack(Head head)
    {
        var again = Read(Encoding.Latin1.GetBytes($"{head.Text}\r\n"), []);
        // Without the whitespace and the empty line that it may have had, it may be shorter.
        Check.That(again.Consumed <= head.Consumed, "not longer");
        Check.Same(head with { Consumed = 0 }, again with { Consumed = 0 }, "read back");
    }

    private static Head Read(ReadOnlySpan<byte> input, IEnumerable<int> cuts)
    {
        var reader = new Http1RequestReader(MaxSize, MaxFields);
        var result = Http1ReadResult.NeedMore;
        var (start, total) = (0, 0);
        foreach (var end in cuts.Append(input.Length))
        {
            if (result != Http1ReadResult.NeedMore)
                break;
            result = reader.Read(input[start..end], out var consumed);
            Check.That(consumed >= 0 && consumed <= end - start, "no more than there is");
            if (result == Http1ReadResult.NeedMore)
                Check.Same(end - start, consumed, "all is read where more is needed");
            total += consumed;
            start = end;
        }
        Check.Same(result == Http1ReadResult.Failed, reader.Fault != RequestFault.None, "failed with a fault");
        Check.That(total <= MaxSize, "no more than is allowed");
        var head = new Head(
            result, result == Http1ReadResult.Complete ? total : 0, reader.Fault, Describe(reader, result), Translate(reader, result));
        reader.Release();
        Check.Same((false, RequestFault.None, 0), (reader.HasBegun, reader.Fault, reader.FieldCount), "as if new");
        return head;
    }

    private static string Describe(Http1RequestReader reader, Http1ReadResult result)
    {
        if (result != Http1ReadResult.Complete)
            return "";
        Check.That(reader.FieldCount <= MaxFields, "no more fields than are allowed");
        Check.That(!reader.Method.IsEmpty && !reader.Target.IsEmpty, "a method and a target");
        var text = new StringBuilder(
            $"{Encoding.Latin1.GetString(reader.Method)} {Encoding.Latin1.GetString(reader.Target)} HTTP/1.{reader.MinorVersion}\r\n");
        for (var i = 0; i < reader.FieldCount; i++)
        {
            var name = reader.GetName(i);
            var value = reader.GetValue(i);
            Check.That(!name.IsEmpty && name.IndexOfAnyInRange((byte)'A', (byte)'Z') < 0, "a name in lower case");
            Check.That(value.IndexOfAny("\r\n\0"u8) < 0, "a value in one line");
            Check.That(value.IsEmpty || (value[0] is not (0x20 or 9) && value[^1] is not (0x20 or 9)), "a value without its margins");
            text.Append($"{Encoding.Latin1.GetString(name)}:{Encoding.Latin1.GetString(value)}\r\n");
        }
        return text.ToString();
    }

    private static string Translate(Http1RequestReader reader, Http1ReadResult result)
    {
        if (result == Http1ReadResult.NeedMore)
            return "";
        var headers = new RequestHeaders(2 * MaxSize + 40 * RequestHeaders.FieldOverhead);
        var upgrades = Http1Request.Translate(reader, headers);
        var decision = ConnectRequest.Evaluate(headers);
        Check.Same(decision.Fault == RequestFault.None, decision.IsAccepted, "accepted or at fault");
        if (result == Http1ReadResult.Failed)
            Check.Same(reader.Fault, decision.Fault, "the reader's fault");
        if (decision.IsAccepted)
        {
            AuthorityTarget.Examine(decision.Target);
            Check.Same(decision.Kind == ConnectKind.Udp, upgrades, "UDP by an upgrade, TCP without");
        }
        return $"{upgrades} {decision}";
    }

    private sealed record Head(Http1ReadResult Result, int Consumed, RequestFault Fault, string Text, string Decision);
}
