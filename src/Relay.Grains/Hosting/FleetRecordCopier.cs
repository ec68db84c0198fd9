using Orleans.Serialization.Cloning;

namespace Relay.Grains.Hosting;

/// <summary>
/// Hands records from one grain to another within a silo as they are: records are never changed once they are made, so
/// a copy would only cost.
/// </summary>
internal sealed class FleetRecordCopier : IGeneralizedCopier
{
    /// <inheritdoc/>
    public bool IsSupportedType(Type type) => GrainJson.IsRecord(type);

    /// <inheritdoc/>
    public object? DeepCopy(object? input, CopyContext context) => input;
}
