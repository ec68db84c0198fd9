using System.Text;
using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9114 §4: fields of a request, <c>name=value</c> with bars between, and what is made of them.</summary>
internal sealed class RequestTarget() : FuzzTarget(
    "a tunnel or a fault with its status; sizes are counted; after a reset the same again")
{
    private const int MaxSize = 2048;

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. (":method=CONNECT|^:protocol=connect-udp|^:scheme=https|^:authority=a.test:443|^:authority=a|"
            + "^:path=/.well-known/masque/udp/a/1/|^capsule-protocol=?1|^capsule-protocol=?1;a|^te=trailers|^te=x|"
            + "^content-length=0|^connection=close|^proxy-authorization=Basic YTpi|^:method=GET|^x=").Split('^')
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var headers = new RequestHeaders(MaxSize, 20);
        var first = Add(headers, input);
        Examine(headers, first);
        headers.Reset();
        Check.Same((RequestFault.None, 0L, false), (headers.Fault, headers.Size, headers.HasCapsuleProtocol), "as if new");
        Check.Same(first, Add(headers, input), "the same again");
    }

    /// <summary>What is true of every decision.</summary>
    public static void Examine(RequestHeaders headers, in ConnectDecision decision)
    {
        Check.Same(decision.Fault == RequestFault.None, decision.IsAccepted, "accepted or at fault");
        Check.Same(decision.IsAccepted, decision.Target != default, "a target with a tunnel");
        Check.Same(ConnectRequest.GetStatusCode(decision.Fault), decision.Status, "the fault's status");
        Check.That(decision.Status is 0 or 400 or 404 or 405 or 414 or 431 or 501 or 505, "a status that is documented");
        if (headers.Fault != RequestFault.None)
            Check.Same(headers.Fault, decision.Fault, "the first fault");
        if (!decision.IsAccepted)
            return;
        AuthorityTarget.Examine(decision.Target);
        Check.That(headers.Size <= MaxSize, "within its size");
        Check.That(headers[RequestField.Method].SequenceEqual("CONNECT"u8), "by CONNECT");
        Check.Same(decision.Kind == ConnectKind.Udp, headers.Contains(RequestField.Protocol), "UDP by its protocol");
    }

    private static ConnectDecision Add(RequestHeaders headers, ReadOnlySpan<byte> input)
    {
        var size = 0L;
        foreach (var range in input.Split((byte)'|'))
        {
            var field = input[range];
            var separator = field.IndexOf((byte)'=');
            var name = separator < 0 ? field : field[..separator];
            var value = separator < 0 ? default : field[(separator + 1)..];
            headers.Add(name, value);
            size += name.Length + value.Length + RequestHeaders.FieldOverhead;
        }
        Check.Same(size, headers.Size, "the size of all fields");
        return ConnectRequest.Evaluate(headers);
    }
}
