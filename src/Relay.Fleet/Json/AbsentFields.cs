using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Relay.Fleet.Json;

/// <summary>
/// The one rule for what another version does not send: an absent field has its property's default, as in a record that
/// is made in code.
/// </summary>
/// <remarks>
/// Contracts that are generated make a record and set all its <c>init</c> properties at once, with null or zero where
/// the field is absent. Here the record is made by its own constructor, and a property is set when its field comes.
/// Positional records have no such defaults, and stay as they are generated.
/// </remarks>
public static class AbsentFields
{
    /// <summary>The options of generated contracts, which keep what is absent at its default.</summary>
    public static JsonSerializerOptions Keep(JsonSerializerContext contracts)
    {
        var options = new JsonSerializerOptions(contracts.Options)
        {
            TypeInfoResolver = ((IJsonTypeInfoResolver)contracts).WithAddedModifier(Keep),
        };
        options.MakeReadOnly();
        return options;
    }

    private static void Keep(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object
            || type.ConstructorAttributeProvider is not ConstructorInfo constructor || constructor.GetParameters().Length > 0)
            return;
        type.CreateObject = () => constructor.Invoke(null);
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider is PropertyInfo { SetMethod: not null } setter)
                property.Set = setter.SetValue;
        }
    }
}
