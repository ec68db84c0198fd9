using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>Writes a <see cref="Prefix"/> as <c>ADDR/LENGTH</c>.</summary>
public sealed class PrefixJsonConverter : JsonConverter<Prefix>
{
    /// <inheritdoc/>
    public override Prefix Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Prefix.TryParse(reader.GetString(), out var prefix)
            ? prefix
            : throw new JsonException("an address prefix is wanted, such as 2001:db8::/64");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Prefix value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
