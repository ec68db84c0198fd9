using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>Writes an enumeration as a text in camelCase; a number is not read.</summary>
public sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(
    JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
