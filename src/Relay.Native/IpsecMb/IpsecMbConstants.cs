namespace Relay.Native.IpsecMb;

/// <summary>What of intel-ipsec-mb.h is the same in all versions that are used.</summary>
internal static class IpsecMbConstants
{
    internal const string Header = "intel-ipsec-mb.h";

    [NativeConstant("IMB_FEATURE_AESNI", Header)] internal const ulong IMB_FEATURE_AESNI = 1 << 1;
    [NativeConstant("IMB_FEATURE_PCLMULQDQ", Header)] internal const ulong IMB_FEATURE_PCLMULQDQ = 1 << 2;
    [NativeConstant("IMB_FEATURE_AVX2", Header)] internal const ulong IMB_FEATURE_AVX2 = 1 << 6;
    [NativeConstant("IMB_FEATURE_AVX512F", Header)] internal const ulong IMB_FEATURE_AVX512F = 1 << 7;
}
