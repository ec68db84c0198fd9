using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Admin.Apple;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fuzz.Engine;

namespace Relay.Fuzz.Documents;

/// <summary>Bodies of operators' requests: the first byte says which.</summary>
internal sealed class BodyTarget() : FuzzTarget(
    "a record, or faults, each with its field; what has none is written and read back as it was")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ("\"deadlineSeconds\":|\"mode\":|\"gradual\"|\"immediate\"|\"reason\":|\"onLostNode\":|\"wait\"|\"join\":|\"nodes\":|"
            + "\"selector\":|\"version\":|\"namePrefix\":|\"maxConcurrent\":|\"25%\"|\"prefix\":|\"192.0.2.0/24\"|\"2001:db8::/48\"|"
            + "\"relays\":|\"http3Url\":|\"a.b\"|\"headers\":|\"matchDomains\":|\"identity\":|\"acme\":|\"scep\":|\"subject\":|\"consent\":|"
            + "\"blockLength\":|\"sessions\":|\"tunnels\":|\"bytesPerSecond\":|{}|[]|null|true|1e3|-1|9223372036854775808|\"\\ud800\"|"
            + "\"\\u0000\"|{\"a\":{\"a\":{\"a\":1}}}|,|:|{|}").Split('|').Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        var kind = choices.Below(8);
        var json = choices.Rest.ToArray();
        switch (kind)
        {
            case 0:
                Examine<DrainNodeBody>(json);
                break;
            case 1:
                Examine<DrainOneBody>(json);
                break;
            case 2:
                Examine<DrainBody>(json);
                break;
            case 3:
                Examine<PoolBody>(json);
                break;
            case 4:
                Examine<IdentityLimit>(json);
                break;
            case 5:
                Examine(json, AppleJson.Of<AppleProfileBody>());
                break;
            case 6:
                Examine(json, AppleJson.Of<AppleRelayBody>());
                break;
            default:
                Examine(json, AdminJson.Default.EmptyBody);
                break;
        }
    }

    private static void Examine<T>(byte[] json) where T : class, IRequestBody => Examine(json, FleetJson.Of<T>());

    private static void Examine<T>(byte[] json, JsonTypeInfo<T> type) where T : class, IRequestBody
    {
        var errors = new FieldErrors();
        var body = JsonBody.Read(json, type, errors);
        Check.That(errors.Fields.Count() <= FieldErrors.MaxFields, "no more faults than are told");
        Check.That(body is not null || !errors.IsEmpty, "a record or a reason");
        _ = errors.Summary;
        _ = errors.ToDictionary();
        if (body is null)
            return;
        var faults = body.Faults().ToArray();
        Check.That(faults.All(static fault => fault.Detail.Length > 0), "a reason each");
        if (!errors.IsEmpty || faults.Length > 0)
            return;
        var written = JsonSerializer.SerializeToUtf8Bytes(body, type);
        var again = JsonBody.Read(written, type, errors);
        Check.That(again is not null && errors.IsEmpty, $"read back: {errors.Summary}");
        Check.That(!again.Faults().Any(), "without a fault");
        Check.That(written.AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(again, type)), "the same");
    }
}
