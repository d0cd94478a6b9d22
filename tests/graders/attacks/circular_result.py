def double(n):
    result = []
    result.append(result)
    result.append(result)
    return result
