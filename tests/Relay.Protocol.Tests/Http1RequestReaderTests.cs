using System.Text;
using FsCheck.Fluent;

namespace Relay.Protocol.Tests;

public class Http1RequestReaderTests
{
    private const string Head = "GET /x HTTP/1.1\r\n";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "GET / 1")]
    [InlineData("\r\nGET / HTTP/1.1\r\n\r\n", "GET / 1")]
    [InlineData("CONNECT [2001:db8::1]:443 HTTP/1.0\r\n\r\n", "CONNECT [2001:db8::1]:443 0")]
    [InlineData("M-SEARCH * HTTP/1.9\r\n\r\n", "M-SEARCH * 9")]
    [InlineData("get /?a=b HTTP/1.1\r\nHost: a\r\n\r\n", "get /?a=b 1|host=a")]
    [InlineData(Head + "A:b\r\nA:\r\na: \t \r\nX-y_Z:\t c d \t\r\n\r\n", "GET /x 1|a=b|a=|a=|x-y_z=c d")]
    [InlineData(Head + "Host: [::1]:443\r\nA: b:c\r\n\r\n", "GET /x 1|host=[::1]:443|a=b:c")]
    [InlineData(Head + "X: \u00e9\r\n\r\n", "GET /x 1|x=\u00e9")]
    [InlineData(Head + "!#$%&'*+-.^_`|~9: \"\\\r\n\r\n", "GET /x 1|!#$%&'*+-.^_`|~9=\"\\")]
    public void Read_Head_HasItsParts(string head, string expected)
    {
        Assert.Equal($"Complete {expected}", Describe(head));
        EverySplit(head);
    }

    [Theory]

    // Ends of lines: RFC 9112 §2.2.
    [InlineData("GET / HTTP/1.1\n\n")]
    [InlineData("GET / HTTP/1.1\n")]
    [InlineData("GET / HTTP/1.1\r\r\n\r\n")]
    [InlineData("GET /\r HTTP/1.1\r\n\r\n")]
    [InlineData("\nGET / HTTP/1.1\r\n\r\n")]
    [InlineData("\r\n\r\nGET / HTTP/1.1\r\n\r\n")]
    [InlineData(Head + "A: b\n\r\n")]
    [InlineData(Head + "A: b\rC: d\r\n\r\n")]
    [InlineData(Head + "\n")]

    // The request line: RFC 9112 §3.
    [InlineData(" \r\n")]
    [InlineData(" GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET  / HTTP/1.1\r\n\r\n")]
    [InlineData("GET /  HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1 \r\n\r\n")]
    [InlineData("GET\t/\tHTTP/1.1\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\n\r\n")]
    [InlineData("GET /\u00e9 HTTP/1.1\r\n\r\n")]
    [InlineData("GET /\0 HTTP/1.1\r\n\r\n")]
    [InlineData("GET HTTP/1.1\r\n\r\n")]
    [InlineData("GET  HTTP/1.1\r\n\r\n")]
    [InlineData("GET /\r\n")]
    [InlineData("G\u00e9T / HTTP/1.1\r\n\r\n")]
    [InlineData("G(T / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / http/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.\r\n\r\n")]
    [InlineData("GET / HTTP/1.10\r\n\r\n")]
    [InlineData("GET / HTTP/01.1\r\n\r\n")]
    [InlineData("GET / HTTP/1,1\r\n\r\n")]
    [InlineData("GET / HTTP/a.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\n")]
    public void Read_NoMessage_IsMalformed(string head) => Fails(head, RequestFault.MalformedMessage);

    // Fields: RFC 9112 §5.
    [Theory]
    [InlineData(Head + "A : b\r\n\r\n")]
    [InlineData(Head + " A: b\r\n\r\n")]
    [InlineData(Head + "A: b\r\n c\r\n\r\n")]
    [InlineData(Head + "A: b\r\n\tc: d\r\n\r\n")]
    [InlineData(Head + ": b\r\n\r\n")]
    [InlineData(Head + "A\r\n\r\n")]
    [InlineData(Head + "A b: c\r\n\r\n")]
    [InlineData(Head + "\u00c4: c\r\n\r\n")]
    [InlineData(Head + "A: b\0c\r\n\r\n")]
    [InlineData(Head + "A: b\u007f\r\n\r\n")]
    [InlineData(Head + "A: b\u000b\r\n\r\n")]
    [InlineData(Head + "A\0: b\r\n\r\n")]
    public void Read_NoField_IsMalformed(string head) => Fails(head, RequestFault.MalformedField);

    [Theory]
    [InlineData("GET / HTTP/2.0\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("GET / HTTP/0.9\r\n\r\n")]
    public void Read_AnotherMajorVersion_IsNotSpoken(string head) => Fails(head, RequestFault.UnsupportedVersion);

    [Fact]
    public void Read_BehindTheHead_IsNotLookedAt()
    {
        var reader = new Http1RequestReader(1000, 10);
        Assert.Equal(Http1ReadResult.Complete, reader.Read("GET / HTTP/1.1\r\n\r\n\nrest"u8, out var consumed));
        Assert.Equal(18, consumed);
    }

    // All bytes of the head are counted.
    [Theory]
    [InlineData("GET /long HTTP/1.1\r\nA: b\r\n\r\n", 28, RequestFault.None)]
    [InlineData("GET /long HTTP/1.1\r\nA: b\r\n\r\n", 27, RequestFault.HeadersTooLarge)]
    [InlineData("GET /long HTTP/1.1\r\nA: b\r\n\r\n", 20, RequestFault.HeadersTooLarge)]
    [InlineData("GET /long HTTP/1.1\r\nA: b\r\n\r\n", 19, RequestFault.TargetTooLong)]
    [InlineData("GET /long HTTP/1.1\r\nA: b\r\n\r\n", 1, RequestFault.TargetTooLong)]
    [InlineData("GET /long HTTP/1.1\r\nA b\r\n\r\n", 26, RequestFault.MalformedField)]
    public void Read_LargerThanPermitted_Fails(string head, int limit, RequestFault fault)
    {
        foreach (var cut in Cuts(head))
        {
            var reader = new Http1RequestReader(limit, 10);
            var result = ReadAll(reader, cut, out _);
            Assert.Equal(fault, reader.Fault);
            Assert.Equal(fault == RequestFault.None, result == Http1ReadResult.Complete);
        }
    }

    [Theory]
    [InlineData(2, RequestFault.None)]
    [InlineData(1, RequestFault.HeadersTooLarge)]
    public void Read_MoreFieldsThanPermitted_Fails(int limit, RequestFault fault)
    {
        var reader = new Http1RequestReader(1000, limit);
        _ = reader.Read(Bytes(Head + "A: b\r\nA: b\r\n\r\n"), out _);
        Assert.Equal(fault, reader.Fault);
    }

    [Fact]
    public void Release_OverwritesCredentialsAndIsAsNew()
    {
        var reader = new Http1RequestReader(10_000, 10);
        _ = reader.Read(Bytes(Head + $"Proxy-Authorization: {new string('s', 3000)}\r\n\r\n"), out _);
        var value = reader.GetValue(0);
        Assert.Equal((3000, true), (value.Length, reader.HasBegun));
        reader.Release();
        Assert.Equal(-1, value.IndexOfAnyExcept((byte)0));
        Assert.Equal((0, false, RequestFault.None), (reader.FieldCount, reader.HasBegun, reader.Fault));
        Assert.Equal(Http1ReadResult.Complete, reader.Read("\r\nGET / HTTP/1.1\r\n\r\n"u8, out _));
        Assert.Equal("/", Encoding.Latin1.GetString(reader.Target));
    }

    [Fact]
    public void Read_WhatWasWritten_ComesBackHoweverCut()
    {
        var token = Gen.NonEmptyListOf(Gen.Elements('a', 'Z', '0', '-', '!', '~')).Select(string.Concat);
        var value = Gen.ListOf(Gen.Elements('a', 'Z', ':', '"', ',', '\u00ff')).Select(string.Concat);
        var spaces = Gen.ListOf(Gen.Elements(' ', '\t')).Select(string.Concat);
        var field =
            from name in token
            from text in value
            from before in spaces
            from after in spaces
            select (Name: name, Text: text, Line: $"{name}:{before}{text}{after}\r\n");
        var heads =
            from method in token
            from target in Gen.NonEmptyListOf(Gen.Elements('/', '%', ':', '?', '[', '~')).Select(string.Concat)
            from fields in Gen.ListOf(field)
            from seed in Gen.Choose(0, int.MaxValue)
            select (Method: method, Target: target, Fields: fields, Seed: seed);

        Properties.Check(heads, sample =>
        {
            var (method, target, fields, seed) = sample;
            var lines = string.Concat(fields.Select(static field => field.Line));
            var bytes = Bytes($"{method} {target} HTTP/1.1\r\n{lines}\r\ntunnel");
            var reader = new Http1RequestReader(100_000, 1000);
            var cut = CapsuleStream.Cut(bytes, new Random(seed), 1 + (seed % 7));
            Assert.Equal(Http1ReadResult.Complete, ReadAll(reader, cut, out var consumed));
            Assert.Equal(bytes.Length - "tunnel".Length, consumed);
            Assert.Equal(
                $"{method} {target} 1"
                + string.Concat(fields.Select(static field => $"|{field.Name.ToLowerInvariant()}={field.Text}")),
                Describe(reader));
        });
    }

    internal static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Result, request line and fields, or the fault.</summary>
    internal static string Describe(string head, int maxSize = 10_000)
    {
        var reader = new Http1RequestReader(maxSize, 100);
        return Describe(reader, reader.Read(Bytes(head), out _));
    }

    private static string Describe(Http1RequestReader reader, Http1ReadResult result) => result switch
    {
        Http1ReadResult.Complete => $"{result} {Describe(reader)}",
        _ => $"{result} {reader.Fault}",
    };

    private static string Describe(Http1RequestReader reader)
    {
        var text = new StringBuilder().Append(Encoding.Latin1.GetString(reader.Method)).Append(' ')
            .Append(Encoding.Latin1.GetString(reader.Target)).Append(' ').Append(reader.MinorVersion);
        for (var i = 0; i < reader.FieldCount; i++)
        {
            text.Append('|').Append(Encoding.Latin1.GetString(reader.GetName(i))).Append('=')
                .Append(Encoding.Latin1.GetString(reader.GetValue(i)));
        }
        return text.ToString();
    }

    private static void Fails(string head, RequestFault fault)
    {
        Assert.Equal($"Failed {fault}", Describe(head));
        EverySplit(head);
    }

    private static void EverySplit(string head)
    {
        var expected = Describe(head);
        foreach (var cut in Cuts(head))
        {
            var reader = new Http1RequestReader(10_000, 100);
            Assert.Equal(expected, Describe(reader, ReadAll(reader, cut, out _)));
        }
    }

    // In two at every place, and in single bytes.
    private static IEnumerable<IEnumerable<byte[]>> Cuts(string head)
    {
        var bytes = Bytes(head);
        for (var i = 0; i <= bytes.Length; i++)
            yield return [bytes[..i], bytes[i..]];
        yield return bytes.Select(static value => new[] { value });
    }

    private static Http1ReadResult ReadAll(Http1RequestReader reader, IEnumerable<byte[]> pieces, out int consumed)
    {
        consumed = 0;
        foreach (var piece in pieces)
        {
            var result = reader.Read(piece, out var part);
            consumed += part;
            if (result != Http1ReadResult.NeedMore)
                return result;
            Assert.Equal(piece.Length, part);
        }
        return Http1ReadResult.NeedMore;
    }
}
